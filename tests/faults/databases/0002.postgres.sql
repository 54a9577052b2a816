SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE SCHEMA dbos;
CREATE FUNCTION dbos.enqueue_workflow(workflow_name text, queue_name text, positional_args json[] DEFAULT ARRAY[]::json[], named_args json DEFAULT '{}'::json, class_name text DEFAULT NULL::text, config_name text DEFAULT NULL::text, workflow_id text DEFAULT NULL::text, app_version text DEFAULT NULL::text, timeout_ms bigint DEFAULT NULL::bigint, deadline_epoch_ms bigint DEFAULT NULL::bigint, deduplication_id text DEFAULT NULL::text, priority integer DEFAULT NULL::integer, queue_partition_key text DEFAULT NULL::text, authenticated_user text DEFAULT NULL::text, authenticated_roles text DEFAULT NULL::text, delay_until_epoch_ms bigint DEFAULT NULL::bigint, application_name text DEFAULT NULL::text) RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    v_workflow_id TEXT;
    v_serialized_inputs TEXT;
    v_owner_xid TEXT;
    v_now BIGINT;
    v_recovery_attempts INT4 := 0;
    v_priority INT4;
    v_status TEXT;
BEGIN
    -- Validate required parameters
    IF workflow_name IS NULL OR workflow_name = '' THEN
        RAISE EXCEPTION 'Workflow name cannot be null or empty';
    END IF;
    IF queue_name IS NULL OR queue_name = '' THEN
        RAISE EXCEPTION 'Queue name cannot be null or empty';
    END IF;
    IF named_args IS NOT NULL AND jsonb_typeof(named_args::jsonb) != 'object' THEN
        RAISE EXCEPTION 'Named args must be a JSON object';
    END IF;
    IF workflow_id IS NOT NULL AND workflow_id = '' THEN
        RAISE EXCEPTION 'Workflow ID cannot be an empty string if provided.';
    END IF;
    IF delay_until_epoch_ms IS NOT NULL AND delay_until_epoch_ms < 0 THEN
        RAISE EXCEPTION 'delay_until_epoch_ms must be >= 0';
    END IF;
    v_workflow_id := COALESCE(workflow_id, gen_random_uuid()::TEXT);
    v_owner_xid := gen_random_uuid()::TEXT;
    v_priority := COALESCE(priority, 0);
    v_serialized_inputs := json_build_object(
        'positionalArgs', positional_args,
        'namedArgs', named_args
    )::TEXT;
    v_now := EXTRACT(epoch FROM now()) * 1000;
    v_status := CASE WHEN delay_until_epoch_ms IS NULL THEN 'ENQUEUED' ELSE 'DELAYED' END;
    INSERT INTO "dbos".workflow_status (
        workflow_uuid, status,
        name, class_name, config_name,
        queue_name, deduplication_id, priority, queue_partition_key,
        application_version,
        created_at, updated_at, recovery_attempts,
        workflow_timeout_ms, workflow_deadline_epoch_ms,
        parent_workflow_id, owner_xid, serialization,
        authenticated_user, authenticated_roles,
        delay_until_epoch_ms, application_name
    ) VALUES (
        v_workflow_id, v_status,
        workflow_name, class_name, config_name,
        queue_name, deduplication_id, v_priority, queue_partition_key,
        app_version,
        v_now, v_now, v_recovery_attempts,
        timeout_ms, deadline_epoch_ms,
        NULL, v_owner_xid, 'portable_json',
        authenticated_user, authenticated_roles,
        delay_until_epoch_ms, application_name
    )
    ON CONFLICT (workflow_uuid)
    DO UPDATE SET
        updated_at = EXCLUDED.updated_at;
    INSERT INTO "dbos".workflow_input (
        workflow_uuid, inputs, retention_timestamp
    ) VALUES (
        v_workflow_id, v_serialized_inputs, v_now
    )
    ON CONFLICT (workflow_uuid) DO NOTHING;
    RETURN v_workflow_id;
EXCEPTION
    WHEN unique_violation THEN
        RAISE EXCEPTION 'DBOS queue duplicated'
            USING DETAIL = format('Workflow %s with queue %s and deduplication ID %s already exists', v_workflow_id, queue_name, deduplication_id),
                ERRCODE = 'unique_violation';
END;
$$;
CREATE FUNCTION dbos.send_message(destination_id text, message json, topic text DEFAULT NULL::text, message_id text DEFAULT NULL::text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
    v_topic TEXT := COALESCE(topic, '__null__topic__');
    v_message_id TEXT := COALESCE(message_id, gen_random_uuid()::TEXT);
BEGIN
    INSERT INTO "dbos".notifications (
        destination_uuid, topic, message, message_uuid, serialization
    ) VALUES (
        destination_id, v_topic, message, v_message_id, 'portable_json'
    )
    ON CONFLICT (message_uuid) DO NOTHING;
EXCEPTION
    WHEN foreign_key_violation THEN
        RAISE EXCEPTION 'DBOS non-existent workflow'
            USING DETAIL = format('Destination workflow %s does not exist', destination_id),
                ERRCODE = 'foreign_key_violation';
END;
$$;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE dbos.application_versions (
    version_id text NOT NULL,
    version_name text NOT NULL,
    version_timestamp bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL,
    created_at bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL,
    application_name text
);
CREATE TABLE dbos.dbos_migrations (
    version bigint NOT NULL
);
CREATE TABLE dbos.event_dispatch_kv (
    service_name text NOT NULL,
    workflow_fn_name text NOT NULL,
    key text NOT NULL,
    value text,
    update_seq numeric(38,0),
    update_time numeric(38,15)
);
CREATE TABLE dbos.notifications (
    message_uuid text DEFAULT gen_random_uuid() NOT NULL,
    destination_uuid text NOT NULL,
    topic text,
    message text NOT NULL,
    created_at_epoch_ms bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL,
    serialization text,
    consumed boolean DEFAULT false NOT NULL,
    consumed_by_function_id integer
);
CREATE TABLE dbos.operation_outputs (
    workflow_uuid text NOT NULL,
    function_id integer NOT NULL,
    function_name text DEFAULT ''::text NOT NULL,
    output text,
    error text,
    child_workflow_id text,
    started_at_epoch_ms bigint,
    completed_at_epoch_ms bigint,
    serialization text,
    application_name text,
    retention_timestamp bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL
);
CREATE TABLE dbos.queues (
    queue_id text DEFAULT (gen_random_uuid())::text NOT NULL,
    name text NOT NULL,
    concurrency integer,
    worker_concurrency integer,
    rate_limit_max integer,
    rate_limit_period_sec double precision,
    priority_enabled boolean DEFAULT false NOT NULL,
    partition_queue boolean DEFAULT false NOT NULL,
    polling_interval_sec double precision DEFAULT 1.0 NOT NULL,
    created_at bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL,
    updated_at bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL,
    application_name text,
    partition_concurrency integer,
    partition_worker_concurrency integer,
    partition_rate_limit_max integer,
    partition_rate_limit_period_sec double precision
);
CREATE TABLE dbos.streams (
    workflow_uuid text NOT NULL,
    key text NOT NULL,
    value text NOT NULL,
    "offset" integer NOT NULL,
    function_id integer DEFAULT 0 NOT NULL,
    serialization text
);
CREATE TABLE dbos.workflow_events (
    workflow_uuid text NOT NULL,
    key text NOT NULL,
    value text NOT NULL,
    serialization text
);
CREATE TABLE dbos.workflow_events_history (
    workflow_uuid text NOT NULL,
    function_id integer NOT NULL,
    key text NOT NULL,
    value text NOT NULL,
    serialization text
);
CREATE TABLE dbos.workflow_input (
    workflow_uuid text NOT NULL,
    inputs text,
    retention_timestamp bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL
);
CREATE TABLE dbos.workflow_output (
    workflow_uuid text NOT NULL,
    output text,
    error text,
    retention_timestamp bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL
);
CREATE TABLE dbos.workflow_schedules (
    schedule_id text NOT NULL,
    schedule_name text NOT NULL,
    workflow_name text NOT NULL,
    workflow_class_name text,
    schedule text NOT NULL,
    status text DEFAULT 'ACTIVE'::text NOT NULL,
    context text NOT NULL,
    last_fired_at text,
    automatic_backfill boolean DEFAULT false NOT NULL,
    cron_timezone text,
    queue_name text,
    application_name text
);
CREATE TABLE dbos.workflow_status (
    workflow_uuid text NOT NULL,
    status text,
    name text,
    authenticated_user text,
    assumed_role text,
    authenticated_roles text,
    request text,
    output text,
    error text,
    executor_id text,
    created_at bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL,
    updated_at bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL,
    application_version text,
    application_id text,
    class_name character varying(255) DEFAULT NULL::character varying,
    config_name character varying(255) DEFAULT NULL::character varying,
    recovery_attempts bigint DEFAULT 0,
    queue_name text,
    workflow_timeout_ms bigint,
    workflow_deadline_epoch_ms bigint,
    inputs text,
    started_at_epoch_ms bigint,
    deduplication_id text,
    priority integer DEFAULT 0 NOT NULL,
    queue_partition_key text,
    forked_from text,
    owner_xid text,
    parent_workflow_id text,
    serialization text,
    delay_until_epoch_ms bigint,
    was_forked_from boolean DEFAULT false NOT NULL,
    rate_limited boolean DEFAULT false NOT NULL,
    completed_at bigint,
    attributes jsonb,
    schedule_name text,
    debounce_deadline_epoch_ms bigint,
    is_debounced boolean DEFAULT false NOT NULL,
    application_name text,
    creator_xid text
);
CREATE TABLE public.memo_answers (
    answer_id character varying(160) NOT NULL,
    chat_id character varying(128) NOT NULL,
    origin character varying(16) NOT NULL,
    state character varying(16) NOT NULL,
    reason character varying(64) NOT NULL,
    detail text,
    runs integer NOT NULL,
    text text,
    rest text,
    language character varying(64),
    voice character varying(128),
    reply_as character varying(16),
    engine character varying(32),
    seconds double precision,
    bytes integer,
    service character varying(32),
    memo_message_id character varying(128),
    memo_status character varying(32),
    text_message_id character varying(128),
    text_status character varying(32),
    timings json,
    created_at double precision NOT NULL,
    updated_at double precision NOT NULL,
    checkpoint json,
    responder_code character varying(64)
);
CREATE TABLE public.memo_chats (
    chat_id character varying(128) NOT NULL,
    handle character varying(320),
    reply_as character varying(16),
    silent_until double precision,
    noticed_at double precision,
    zero_retention boolean,
    updated_at double precision NOT NULL
);
CREATE TABLE public.memo_clips (
    clip_key character varying(64) NOT NULL,
    attachment_id character varying(128) NOT NULL,
    engine character varying(32) NOT NULL,
    language character varying(64) NOT NULL,
    seconds double precision NOT NULL,
    bytes integer NOT NULL,
    created_at double precision NOT NULL
);
CREATE TABLE public.memo_executors (
    executor_id character varying(128) NOT NULL,
    host character varying(255) NOT NULL,
    pid integer NOT NULL,
    started_at double precision NOT NULL,
    beat_at double precision NOT NULL,
    stopped_at double precision,
    rescued_at double precision
);
CREATE TABLE public.memo_messages (
    message_id character varying(128) NOT NULL,
    event_id character varying(128) NOT NULL,
    chat_id character varying(128) NOT NULL,
    sender character varying(320) NOT NULL,
    service character varying(32) NOT NULL,
    is_group boolean NOT NULL,
    sent_at double precision NOT NULL,
    received_at double precision NOT NULL,
    state character varying(16) NOT NULL,
    reason character varying(64) NOT NULL,
    answer_id character varying(160),
    payload json
);
CREATE TABLE public.memo_migrations (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.memo_news (
    message_id character varying(128) NOT NULL,
    status character varying(32) NOT NULL,
    at double precision NOT NULL
);
CREATE TABLE public.memo_published (
    token character varying(64) NOT NULL,
    answer_id character varying(160) NOT NULL,
    filename character varying(255) NOT NULL,
    mime_type character varying(64) NOT NULL,
    data bytea NOT NULL,
    expires_at double precision NOT NULL
);
CREATE TABLE public.memo_sends (
    send_id integer NOT NULL,
    answer_id character varying(160) NOT NULL,
    chat_id character varying(128) NOT NULL,
    needle character varying(255) NOT NULL,
    begun_at double precision NOT NULL,
    outcome character varying(16) NOT NULL,
    message_id character varying(128),
    code integer,
    closed_at double precision
);
CREATE SEQUENCE public.memo_sends_send_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.memo_sends_send_id_seq OWNED BY public.memo_sends.send_id;
CREATE TABLE public.memo_turns (
    turn_id integer NOT NULL,
    chat_id character varying(128) NOT NULL,
    answer_id character varying(160) NOT NULL,
    role character varying(16) NOT NULL,
    text text NOT NULL,
    at double precision NOT NULL
);
CREATE SEQUENCE public.memo_turns_turn_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.memo_turns_turn_id_seq OWNED BY public.memo_turns.turn_id;
ALTER TABLE ONLY public.memo_sends ALTER COLUMN send_id SET DEFAULT nextval('public.memo_sends_send_id_seq'::regclass);
ALTER TABLE ONLY public.memo_turns ALTER COLUMN turn_id SET DEFAULT nextval('public.memo_turns_turn_id_seq'::regclass);
INSERT INTO dbos.application_versions VALUES ('82fff61b-5561-422f-9b3d-0646bceb9b16', '1', 1795269492715, 1795269492715, 'voicememo');
INSERT INTO dbos.dbos_migrations VALUES (125);
INSERT INTO dbos.queues VALUES ('b62779d3-3fb2-46f9-974f-416200d7d963', 'answers', NULL, 64, NULL, NULL, true, true, 0.05, 1795269492815, 1795269492792, 'voicememo', 1, NULL, NULL, NULL);
INSERT INTO dbos.workflow_input VALUES ('answer:11111111-1111-4111-8111-111111111111', '{"namedArgs":{},"positionalArgs":["answer:11111111-1111-4111-8111-111111111111","6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f"]}', 1795269493354);
INSERT INTO dbos.workflow_input VALUES ('answer:22222222-2222-4222-8222-222222222222', '{"namedArgs":{},"positionalArgs":["answer:22222222-2222-4222-8222-222222222222","6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f"]}', 1795269495084);
INSERT INTO dbos.workflow_input VALUES ('answer:33333333-3333-4333-8333-333333333333', '{"namedArgs":{},"positionalArgs":["answer:33333333-3333-4333-8333-333333333333","6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f"]}', 1795269495148);
INSERT INTO dbos.workflow_output VALUES ('answer:11111111-1111-4111-8111-111111111111', '"sent"', NULL, 1795269494855);
INSERT INTO dbos.workflow_status VALUES ('answer:11111111-1111-4111-8111-111111111111', 'SUCCESS', 'Answers.answer', NULL, NULL, NULL, NULL, NULL, NULL, 'web.1:2d0a7db0', 1795269493354, 1795269494855, '1', NULL, 'Answers', 'answers', 1, 'answers', NULL, NULL, NULL, 1795269493908, NULL, 0, '6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f', NULL, NULL, NULL, 'portable_json', NULL, false, false, 1795269494855, 'null', NULL, NULL, false, 'voicememo', 'f588c792-850e-4c01-8064-2f7bcd746fc1');
INSERT INTO dbos.workflow_status VALUES ('answer:33333333-3333-4333-8333-333333333333', 'ENQUEUED', 'Answers.answer', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795269495148, 1795269495148, '1', NULL, 'Answers', 'answers', 0, 'answers', NULL, NULL, NULL, NULL, NULL, 0, '6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f', NULL, NULL, NULL, 'portable_json', NULL, false, false, NULL, 'null', NULL, NULL, false, 'voicememo', '2d64b29f-56db-4ac5-9b11-75d7b9f882ce');
INSERT INTO dbos.workflow_status VALUES ('answer:22222222-2222-4222-8222-222222222222', 'PENDING', 'Answers.answer', NULL, NULL, NULL, NULL, NULL, NULL, 'web.1:2d0a7db0', 1795269495084, 1795269495172, '1', NULL, 'Answers', 'answers', 1, 'answers', NULL, NULL, NULL, 1795269495172, NULL, 0, '6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f', NULL, 'fe55f13f-3d81-4f35-8662-1fbda5ab8c5b', NULL, 'portable_json', NULL, false, false, NULL, 'null', NULL, NULL, false, 'voicememo', '366e682d-e7a3-4b13-87c1-80b0912a0f3c');
INSERT INTO public.memo_answers VALUES ('answer:11111111-1111-4111-8111-111111111111', '6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f', 'inbound', 'sent', 'answer', NULL, 1, 'You said: Please beep', NULL, 'en', NULL, 'voice', 'espeak', 1.87, 13470, 'iMessage', '4434a5f7-e883-448c-aea1-496a5d5903a7', 'delivered', NULL, NULL, '{"speak": 0.004121787999793014, "tidy": 0.05513196399988374, "encode": 0.06081396399986261, "upload": 0.012795693000043684}', 1795269493.35632, 1795269494.9451082, '{"run": 1, "finished": {"composed": {"forms": ["voice"], "reason": "answer", "is_turn": true, "hand_over_seconds": 0.0, "step": "composed"}, "memo": {"engine": "espeak", "language": "en", "seconds": 1.87, "bytes": 13470, "is_cut": false, "timings": {"speak": 0.004121787999793014, "tidy": 0.05513196399988374, "encode": 0.06081396399986261, "upload": 0.012795693000043684}, "attachment_id": "c9859b46-2cff-4cb4-8566-012df6c3db5c", "filename": null, "clip_key": "c55e8e71ad4cf4e02c4a201b2e69ca1cccbf77178e0a642ceef5ce23763063ba", "reused": false}, "step": "synthesized"}}', 'echo');
INSERT INTO public.memo_answers VALUES ('answer:33333333-3333-4333-8333-333333333333', '6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f', 'inbound', 'waiting', '', NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795269495.1496449, 1795269495.1496449, NULL, NULL);
INSERT INTO public.memo_answers VALUES ('answer:22222222-2222-4222-8222-222222222222', '6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f', 'inbound', 'working', '', NULL, 1, 'You said: Please beep beep', NULL, 'en', NULL, 'voice', 'espeak', 2.201, 16183, NULL, NULL, NULL, NULL, NULL, '{"speak": 0.004350202999376052, "tidy": 0.021308719999979076, "encode": 0.03674153100018884, "upload": 1.0147224120000828}', 1795269495.0851147, 1795269496.4297707, '{"run": 1, "finished": {"composed": {"forms": ["voice"], "reason": "answer", "is_turn": true, "hand_over_seconds": 0.0, "step": "composed"}, "memo": {"engine": "espeak", "language": "en", "seconds": 2.201, "bytes": 16183, "is_cut": false, "timings": {"speak": 0.004350202999376052, "tidy": 0.021308719999979076, "encode": 0.03674153100018884, "upload": 1.0147224120000828}, "attachment_id": "c2326f20-1064-4dfd-852c-a36f90904eed", "filename": null, "clip_key": "b615dbfb97f98f7f264ec874c6bd6f2f2c2998545c025e9b98fbe2689368d617", "reused": false}, "step": "synthesized"}}', 'echo');
INSERT INTO public.memo_chats VALUES ('6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f', '+13126575297', NULL, NULL, NULL, NULL, 1795269494.828748);
INSERT INTO public.memo_clips VALUES ('c55e8e71ad4cf4e02c4a201b2e69ca1cccbf77178e0a642ceef5ce23763063ba', 'c9859b46-2cff-4cb4-8566-012df6c3db5c', 'espeak', 'en', 1.87, 13470, 1795269494.6956363);
INSERT INTO public.memo_clips VALUES ('b615dbfb97f98f7f264ec874c6bd6f2f2c2998545c025e9b98fbe2689368d617', 'c2326f20-1064-4dfd-852c-a36f90904eed', 'espeak', 'en', 2.201, 16183, 1795269496.43179);
INSERT INTO public.memo_executors VALUES ('web.1:2d0a7db0', 'gone', 14008, 1795269490.3163967, 1795269496.3816817, NULL, NULL);
INSERT INTO public.memo_messages VALUES ('11111111-1111-4111-8111-111111111111', 'a5233f85-5eb4-48bc-ad5f-8a059ab8e46a', '6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f', '+13126575297', 'iMessage', false, 1795269493.293, 1795269493.3484013, 'done', 'answer', 'answer:11111111-1111-4111-8111-111111111111', NULL);
INSERT INTO public.memo_messages VALUES ('33333333-3333-4333-8333-333333333333', '036d87bb-cbe9-422e-98e0-32265870a369', '6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f', '+13126575297', 'iMessage', false, 1795269495.07, 1795269495.1457424, 'waiting', 'answer', NULL, '{"event_id": "036d87bb-cbe9-422e-98e0-32265870a369", "message_id": "33333333-3333-4333-8333-333333333333", "chat_id": "6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f", "sender": "+13126575297", "parts": [{"kind": "text", "text": "Please beep beep beep ", "mentions_us": false, "attachment_id": null, "url": null, "mime_type": null, "filename": null, "size_bytes": null}], "direction": "inbound", "sender_is_us": false, "own_handle": "+13125550100", "is_group": false, "service": "iMessage", "sent_at": "2026-11-21T13:58:15.070000Z", "reconciled": false, "zero_retention": false, "reply_to": null, "subscription_version": "2026-02-03", "trace_id": "9c984e5ba1ef4805832b3ac3988e939b"}');
INSERT INTO public.memo_messages VALUES ('22222222-2222-4222-8222-222222222222', 'd2cfe005-61cd-4462-9673-9e60d0e9eb27', '6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f', '+13126575297', 'iMessage', false, 1795269495.062, 1795269495.0832436, 'answering', 'answer', 'answer:22222222-2222-4222-8222-222222222222', '{"event_id": "d2cfe005-61cd-4462-9673-9e60d0e9eb27", "message_id": "22222222-2222-4222-8222-222222222222", "chat_id": "6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f", "sender": "+13126575297", "parts": [{"kind": "text", "text": "Please beep beep ", "mentions_us": false, "attachment_id": null, "url": null, "mime_type": null, "filename": null, "size_bytes": null}], "direction": "inbound", "sender_is_us": false, "own_handle": "+13125550100", "is_group": false, "service": "iMessage", "sent_at": "2026-11-21T13:58:15.062000Z", "reconciled": false, "zero_retention": false, "reply_to": null, "subscription_version": "2026-02-03", "trace_id": "a268c429d1e649b2909e9ac6416aca67"}');
INSERT INTO public.memo_migrations VALUES ('0002');
INSERT INTO public.memo_sends VALUES (1, 'answer:11111111-1111-4111-8111-111111111111', '6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f', 'c9859b46-2cff-4cb4-8566-012df6c3db5c', 1795269494.6571414, 'accepted', '4434a5f7-e883-448c-aea1-496a5d5903a7', NULL, 1795269494.748347);
INSERT INTO public.memo_sends VALUES (2, 'answer:22222222-2222-4222-8222-222222222222', '6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f', 'c2326f20-1064-4dfd-852c-a36f90904eed', 1795269496.4209747, 'open', NULL, NULL, NULL);
INSERT INTO public.memo_turns VALUES (1, '6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f', 'answer:11111111-1111-4111-8111-111111111111', 'user', 'Please beep', 1795269493.293);
INSERT INTO public.memo_turns VALUES (2, '6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f', 'answer:11111111-1111-4111-8111-111111111111', 'assistant', 'You said: Please beep', 1795269494.7619503);
SELECT pg_catalog.setval('public.memo_sends_send_id_seq', 2, true);
SELECT pg_catalog.setval('public.memo_turns_turn_id_seq', 2, true);
ALTER TABLE ONLY dbos.application_versions
    ADD CONSTRAINT application_versions_pkey PRIMARY KEY (version_id);
ALTER TABLE ONLY dbos.application_versions
    ADD CONSTRAINT application_versions_version_name_key UNIQUE (version_name);
ALTER TABLE ONLY dbos.dbos_migrations
    ADD CONSTRAINT dbos_migrations_pkey PRIMARY KEY (version);
ALTER TABLE ONLY dbos.event_dispatch_kv
    ADD CONSTRAINT event_dispatch_kv_pkey PRIMARY KEY (service_name, workflow_fn_name, key);
ALTER TABLE ONLY dbos.notifications
    ADD CONSTRAINT notifications_pkey PRIMARY KEY (message_uuid);
ALTER TABLE ONLY dbos.operation_outputs
    ADD CONSTRAINT operation_outputs_pkey PRIMARY KEY (workflow_uuid, function_id);
ALTER TABLE ONLY dbos.queues
    ADD CONSTRAINT queues_name_key UNIQUE (name);
ALTER TABLE ONLY dbos.queues
    ADD CONSTRAINT queues_pkey PRIMARY KEY (queue_id);
ALTER TABLE ONLY dbos.streams
    ADD CONSTRAINT streams_pkey PRIMARY KEY (workflow_uuid, key, "offset");
ALTER TABLE ONLY dbos.workflow_events_history
    ADD CONSTRAINT workflow_events_history_pkey PRIMARY KEY (workflow_uuid, function_id, key);
ALTER TABLE ONLY dbos.workflow_events
    ADD CONSTRAINT workflow_events_pkey PRIMARY KEY (workflow_uuid, key);
ALTER TABLE ONLY dbos.workflow_input
    ADD CONSTRAINT workflow_input_pkey PRIMARY KEY (workflow_uuid);
ALTER TABLE ONLY dbos.workflow_output
    ADD CONSTRAINT workflow_output_pkey PRIMARY KEY (workflow_uuid);
ALTER TABLE ONLY dbos.workflow_schedules
    ADD CONSTRAINT workflow_schedules_pkey PRIMARY KEY (schedule_id);
ALTER TABLE ONLY dbos.workflow_schedules
    ADD CONSTRAINT workflow_schedules_schedule_name_key UNIQUE (schedule_name);
ALTER TABLE ONLY dbos.workflow_status
    ADD CONSTRAINT workflow_status_pkey PRIMARY KEY (workflow_uuid);
ALTER TABLE ONLY public.memo_answers
    ADD CONSTRAINT memo_answers_pkey PRIMARY KEY (answer_id);
ALTER TABLE ONLY public.memo_chats
    ADD CONSTRAINT memo_chats_pkey PRIMARY KEY (chat_id);
ALTER TABLE ONLY public.memo_clips
    ADD CONSTRAINT memo_clips_pkey PRIMARY KEY (clip_key);
ALTER TABLE ONLY public.memo_executors
    ADD CONSTRAINT memo_executors_pkey PRIMARY KEY (executor_id);
ALTER TABLE ONLY public.memo_messages
    ADD CONSTRAINT memo_messages_pkey PRIMARY KEY (message_id);
ALTER TABLE ONLY public.memo_migrations
    ADD CONSTRAINT memo_migrations_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.memo_news
    ADD CONSTRAINT memo_news_pkey PRIMARY KEY (message_id);
ALTER TABLE ONLY public.memo_published
    ADD CONSTRAINT memo_published_pkey PRIMARY KEY (token);
ALTER TABLE ONLY public.memo_sends
    ADD CONSTRAINT memo_sends_pkey PRIMARY KEY (send_id);
ALTER TABLE ONLY public.memo_turns
    ADD CONSTRAINT memo_turns_pkey PRIMARY KEY (turn_id);
CREATE INDEX idx_application_versions_owner_timestamp ON dbos.application_versions USING btree (application_name, version_timestamp DESC);
CREATE INDEX idx_application_versions_timestamp ON dbos.application_versions USING btree (version_timestamp DESC);
CREATE INDEX idx_operation_outputs_completed_at_function_name_v2 ON dbos.operation_outputs USING btree (completed_at_epoch_ms, function_name) INCLUDE (application_name);
CREATE INDEX idx_operation_outputs_retention ON dbos.operation_outputs USING btree (retention_timestamp);
CREATE INDEX idx_workflow_input_retention ON dbos.workflow_input USING btree (retention_timestamp);
CREATE INDEX idx_workflow_output_retention ON dbos.workflow_output USING btree (retention_timestamp);
CREATE INDEX idx_workflow_status_attributes ON dbos.workflow_status USING gin (attributes) WHERE (attributes IS NOT NULL);
CREATE INDEX idx_workflow_status_completed_at ON dbos.workflow_status USING btree (completed_at) WHERE (completed_at IS NOT NULL);
CREATE INDEX idx_workflow_status_deadline ON dbos.workflow_status USING btree (workflow_deadline_epoch_ms) WHERE ((status = ANY (ARRAY['ENQUEUED'::text, 'PENDING'::text, 'DELAYED'::text])) AND (workflow_deadline_epoch_ms IS NOT NULL));
CREATE INDEX idx_workflow_status_delayed ON dbos.workflow_status USING btree (delay_until_epoch_ms) WHERE (status = 'DELAYED'::text);
CREATE INDEX idx_workflow_status_failed ON dbos.workflow_status USING btree (status, created_at) WHERE (status = ANY (ARRAY['ERROR'::text, 'CANCELLED'::text, 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'::text]));
CREATE INDEX idx_workflow_status_forked_from ON dbos.workflow_status USING btree (forked_from) WHERE (forked_from IS NOT NULL);
CREATE INDEX idx_workflow_status_in_flight_v2 ON dbos.workflow_status USING btree (queue_name, status, priority, created_at) INCLUDE (application_name) WHERE (status = ANY (ARRAY['ENQUEUED'::text, 'PENDING'::text]));
CREATE INDEX idx_workflow_status_parent_workflow_id ON dbos.workflow_status USING btree (parent_workflow_id) WHERE (parent_workflow_id IS NOT NULL);
CREATE INDEX idx_workflow_status_partition_dequeue_v3 ON dbos.workflow_status USING btree (queue_name, status, queue_partition_key, priority, created_at, workflow_uuid) INCLUDE (application_name) WHERE ((status = ANY (ARRAY['ENQUEUED'::text, 'PENDING'::text])) AND (queue_partition_key IS NOT NULL));
CREATE INDEX idx_workflow_status_pending ON dbos.workflow_status USING btree (created_at) WHERE (status = 'PENDING'::text);
CREATE INDEX idx_workflow_status_rate_limited ON dbos.workflow_status USING btree (queue_name, started_at_epoch_ms) WHERE (rate_limited = true);
CREATE INDEX idx_workflow_status_schedule_name ON dbos.workflow_status USING btree (schedule_name) WHERE (schedule_name IS NOT NULL);
CREATE INDEX idx_workflow_status_started_at ON dbos.workflow_status USING btree (started_at_epoch_ms) WHERE (started_at_epoch_ms IS NOT NULL);
CREATE INDEX idx_workflow_topic ON dbos.notifications USING btree (destination_uuid, topic);
CREATE UNIQUE INDEX uq_application_versions_owner_version ON dbos.application_versions USING btree (application_name, version_name) WHERE (application_name IS NOT NULL);
CREATE UNIQUE INDEX uq_application_versions_unclaimed_version ON dbos.application_versions USING btree (version_name) WHERE (application_name IS NULL);
CREATE UNIQUE INDEX uq_workflow_status_dedup_id ON dbos.workflow_status USING btree (queue_name, deduplication_id) WHERE (deduplication_id IS NOT NULL);
CREATE INDEX workflow_status_created_at_index ON dbos.workflow_status USING btree (created_at);
CREATE INDEX memo_answers_chat ON public.memo_answers USING btree (chat_id, created_at);
CREATE INDEX memo_answers_memo ON public.memo_answers USING btree (memo_message_id);
CREATE INDEX memo_answers_state ON public.memo_answers USING btree (state, created_at);
CREATE INDEX memo_answers_text ON public.memo_answers USING btree (text_message_id);
CREATE INDEX memo_chats_handle ON public.memo_chats USING btree (handle);
CREATE INDEX memo_clips_created ON public.memo_clips USING btree (created_at);
CREATE INDEX memo_messages_answer ON public.memo_messages USING btree (answer_id);
CREATE INDEX memo_messages_received ON public.memo_messages USING btree (received_at);
CREATE INDEX memo_messages_sender ON public.memo_messages USING btree (sender, received_at);
CREATE INDEX memo_messages_waiting ON public.memo_messages USING btree (chat_id, state, sent_at);
CREATE INDEX memo_published_answer ON public.memo_published USING btree (answer_id);
CREATE INDEX memo_published_expires ON public.memo_published USING btree (expires_at);
CREATE INDEX memo_sends_answer ON public.memo_sends USING btree (answer_id);
CREATE INDEX memo_sends_message ON public.memo_sends USING btree (message_id);
CREATE INDEX memo_sends_needle ON public.memo_sends USING btree (needle);
CREATE UNIQUE INDEX memo_turns_answer ON public.memo_turns USING btree (answer_id, role);
CREATE INDEX memo_turns_chat ON public.memo_turns USING btree (chat_id, at);
ALTER TABLE ONLY dbos.notifications
    ADD CONSTRAINT notifications_destination_uuid_fkey FOREIGN KEY (destination_uuid) REFERENCES dbos.workflow_status(workflow_uuid) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE ONLY dbos.streams
    ADD CONSTRAINT streams_workflow_uuid_fkey FOREIGN KEY (workflow_uuid) REFERENCES dbos.workflow_status(workflow_uuid) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE ONLY dbos.workflow_events_history
    ADD CONSTRAINT workflow_events_history_workflow_uuid_fkey FOREIGN KEY (workflow_uuid) REFERENCES dbos.workflow_status(workflow_uuid) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE ONLY dbos.workflow_events
    ADD CONSTRAINT workflow_events_workflow_uuid_fkey FOREIGN KEY (workflow_uuid) REFERENCES dbos.workflow_status(workflow_uuid) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE ONLY public.memo_sends
    ADD CONSTRAINT memo_sends_answer_id_fkey FOREIGN KEY (answer_id) REFERENCES public.memo_answers(answer_id);
