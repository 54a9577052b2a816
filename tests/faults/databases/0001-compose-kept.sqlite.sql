BEGIN TRANSACTION;
CREATE TABLE application_versions (
    version_id TEXT NOT NULL PRIMARY KEY,
    version_name TEXT NOT NULL UNIQUE,
    version_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    created_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
, "application_name" TEXT DEFAULT NULL);
INSERT INTO "application_versions" VALUES('86a8262a-93b3-4f9a-b0ee-dab8ecd4c461','1',1795269594000,1795269594000,'voicememo');
CREATE TABLE dbos_migrations (version INTEGER NOT NULL PRIMARY KEY);
INSERT INTO "dbos_migrations" VALUES(125);
CREATE TABLE memo_answers (
	answer_id VARCHAR(160) NOT NULL, 
	chat_id VARCHAR(128) NOT NULL, 
	origin VARCHAR(16) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	reason VARCHAR(64) NOT NULL, 
	detail TEXT, 
	runs INTEGER NOT NULL, 
	text TEXT, 
	rest TEXT, 
	language VARCHAR(64), 
	voice VARCHAR(128), 
	reply_as VARCHAR(16), 
	engine VARCHAR(32), 
	seconds FLOAT, 
	bytes INTEGER, 
	service VARCHAR(32), 
	memo_message_id VARCHAR(128), 
	memo_status VARCHAR(32), 
	text_message_id VARCHAR(128), 
	text_status VARCHAR(32), 
	timings JSON, 
	created_at FLOAT NOT NULL, 
	updated_at FLOAT NOT NULL, 
	PRIMARY KEY (answer_id)
);
INSERT INTO "memo_answers" VALUES('answer:11111111-1111-4111-8111-111111111111','6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f','inbound','sent','echo',NULL,1,'You said: Please beep',NULL,'en',NULL,'voice','espeak',1.87,13470,'iMessage','47466765-4a2d-4bf4-8ae9-a37ed3302b85','delivered',NULL,NULL,'{"speak": 0.003933021999728226, "tidy": 0.017828437999924063, "encode": 0.028271855000639334, "upload": 0.015907076000075904}',1.79526959493926072117e+09,1.79526959624203658102e+09);
INSERT INTO "memo_answers" VALUES('answer:22222222-2222-4222-8222-222222222222','6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f','inbound','working','',NULL,1,'You said: Please beep beep',NULL,'en',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1.79526959637846946719e+09,1.79526959647609424589e+09);
INSERT INTO "memo_answers" VALUES('answer:33333333-3333-4333-8333-333333333333','6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f','inbound','waiting','',NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1.79526959640104222292e+09,1.79526959640104222292e+09);
CREATE TABLE memo_chats (
	chat_id VARCHAR(128) NOT NULL, 
	handle VARCHAR(320), 
	reply_as VARCHAR(16), 
	silent_until FLOAT, 
	noticed_at FLOAT, 
	zero_retention BOOLEAN, 
	updated_at FLOAT NOT NULL, 
	PRIMARY KEY (chat_id)
);
INSERT INTO "memo_chats" VALUES('6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f','+13125562550',NULL,NULL,NULL,NULL,1.79526959618948245053e+09);
CREATE TABLE memo_clips (
	clip_key VARCHAR(64) NOT NULL, 
	attachment_id VARCHAR(128) NOT NULL, 
	engine VARCHAR(32) NOT NULL, 
	language VARCHAR(64) NOT NULL, 
	seconds FLOAT NOT NULL, 
	bytes INTEGER NOT NULL, 
	created_at FLOAT NOT NULL, 
	PRIMARY KEY (clip_key)
);
INSERT INTO "memo_clips" VALUES('c55e8e71ad4cf4e02c4a201b2e69ca1cccbf77178e0a642ceef5ce23763063ba','036d345e-5542-41a3-b496-067b2304eaf8','espeak','en',1.87,13470,1.79526959610617399217e+09);
CREATE TABLE memo_executors (
	executor_id VARCHAR(128) NOT NULL, 
	host VARCHAR(255) NOT NULL, 
	pid INTEGER NOT NULL, 
	started_at FLOAT NOT NULL, 
	beat_at FLOAT NOT NULL, 
	stopped_at FLOAT, 
	rescued_at FLOAT, 
	PRIMARY KEY (executor_id)
);
INSERT INTO "memo_executors" VALUES('web.1:24e053b9','gone',24024,1.79526959420354986188e+09,1.79526959601662683485e+09,NULL,NULL);
CREATE TABLE memo_messages (
	message_id VARCHAR(128) NOT NULL, 
	event_id VARCHAR(128) NOT NULL, 
	chat_id VARCHAR(128) NOT NULL, 
	sender VARCHAR(320) NOT NULL, 
	service VARCHAR(32) NOT NULL, 
	is_group BOOLEAN NOT NULL, 
	sent_at FLOAT NOT NULL, 
	received_at FLOAT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	reason VARCHAR(64) NOT NULL, 
	answer_id VARCHAR(160), 
	payload JSON, 
	PRIMARY KEY (message_id)
);
INSERT INTO "memo_messages" VALUES('11111111-1111-4111-8111-111111111111','a6c5697f-b59f-4f5e-b004-cdf1c610d765','6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f','+13125562550','iMessage',0,1795269594.871,1.79526959493743824957e+09,'done','answer','answer:11111111-1111-4111-8111-111111111111',NULL);
INSERT INTO "memo_messages" VALUES('22222222-2222-4222-8222-222222222222','f082883b-97c8-489c-be38-dfbda2b8e5d2','6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f','+13125562550','iMessage',0,1795269596.327,1.79526959637797212596e+09,'answering','answer','answer:22222222-2222-4222-8222-222222222222','{"event_id": "f082883b-97c8-489c-be38-dfbda2b8e5d2", "message_id": "22222222-2222-4222-8222-222222222222", "chat_id": "6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f", "sender": "+13125562550", "parts": [{"kind": "text", "text": "Please beep beep ", "mentions_us": false, "attachment_id": null, "url": null, "mime_type": null, "filename": null, "size_bytes": null}], "direction": "inbound", "sender_is_us": false, "own_handle": "+13125550100", "is_group": false, "service": "iMessage", "sent_at": "2026-11-21T13:59:56.327000Z", "reconciled": false, "zero_retention": false, "reply_to": null, "subscription_version": "2026-02-03", "trace_id": "1b0ca3ac8dc1466a9579e5f82835f51f"}');
INSERT INTO "memo_messages" VALUES('33333333-3333-4333-8333-333333333333','e1fecaf0-1d1a-43c8-96d3-92535a8f1184','6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f','+13125562550','iMessage',0,1795269596.36,1.7952695964000635147e+09,'waiting','answer',NULL,'{"event_id": "e1fecaf0-1d1a-43c8-96d3-92535a8f1184", "message_id": "33333333-3333-4333-8333-333333333333", "chat_id": "6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f", "sender": "+13125562550", "parts": [{"kind": "text", "text": "Please beep beep beep ", "mentions_us": false, "attachment_id": null, "url": null, "mime_type": null, "filename": null, "size_bytes": null}], "direction": "inbound", "sender_is_us": false, "own_handle": "+13125550100", "is_group": false, "service": "iMessage", "sent_at": "2026-11-21T13:59:56.360000Z", "reconciled": false, "zero_retention": false, "reply_to": null, "subscription_version": "2026-02-03", "trace_id": "21e60ff92bed4199a654f7f2ea12bd89"}');
CREATE TABLE memo_migrations (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT memo_migrations_pkc PRIMARY KEY (version_num)
);
INSERT INTO "memo_migrations" VALUES('0001');
CREATE TABLE memo_news (
	message_id VARCHAR(128) NOT NULL, 
	status VARCHAR(32) NOT NULL, 
	at FLOAT NOT NULL, 
	PRIMARY KEY (message_id)
);
CREATE TABLE memo_published (
	token VARCHAR(64) NOT NULL, 
	answer_id VARCHAR(160) NOT NULL, 
	filename VARCHAR(255) NOT NULL, 
	mime_type VARCHAR(64) NOT NULL, 
	data BLOB NOT NULL, 
	expires_at FLOAT NOT NULL, 
	PRIMARY KEY (token)
);
CREATE TABLE memo_sends (
	send_id INTEGER NOT NULL, 
	answer_id VARCHAR(160) NOT NULL, 
	chat_id VARCHAR(128) NOT NULL, 
	needle VARCHAR(255) NOT NULL, 
	begun_at FLOAT NOT NULL, 
	outcome VARCHAR(16) NOT NULL, 
	message_id VARCHAR(128), 
	code INTEGER, 
	closed_at FLOAT, 
	PRIMARY KEY (send_id), 
	FOREIGN KEY(answer_id) REFERENCES memo_answers (answer_id)
);
INSERT INTO "memo_sends" VALUES(1,'answer:11111111-1111-4111-8111-111111111111','6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f','036d345e-5542-41a3-b496-067b2304eaf8',1.79526959613187074658e+09,'accepted','47466765-4a2d-4bf4-8ae9-a37ed3302b85',NULL,1.79526959616426038746e+09);
CREATE TABLE memo_turns (
	turn_id INTEGER NOT NULL, 
	chat_id VARCHAR(128) NOT NULL, 
	answer_id VARCHAR(160) NOT NULL, 
	role VARCHAR(16) NOT NULL, 
	text TEXT NOT NULL, 
	at FLOAT NOT NULL, 
	PRIMARY KEY (turn_id)
);
INSERT INTO "memo_turns" VALUES(1,'6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f','answer:11111111-1111-4111-8111-111111111111','user','Please beep',1795269594.871);
INSERT INTO "memo_turns" VALUES(2,'6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f','answer:11111111-1111-4111-8111-111111111111','assistant','You said: Please beep',1.79526959617355847363e+09);
CREATE TABLE notifications (
    message_uuid TEXT NOT NULL DEFAULT (hex(randomblob(16))) PRIMARY KEY,
    destination_uuid TEXT NOT NULL,
    topic TEXT,
    message TEXT NOT NULL,
    created_at_epoch_ms INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000), "serialization" TEXT DEFAULT NULL, "consumed" BOOLEAN NOT NULL DEFAULT FALSE, consumed_by_function_id INTEGER,
    FOREIGN KEY (destination_uuid) REFERENCES workflow_status(workflow_uuid) 
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE "operation_outputs" (
    workflow_uuid TEXT NOT NULL,
    function_id INTEGER NOT NULL,
    function_name TEXT NOT NULL DEFAULT '',
    output TEXT,
    error TEXT,
    child_workflow_id TEXT,
    started_at_epoch_ms INTEGER,
    completed_at_epoch_ms INTEGER,
    serialization TEXT,
    application_name TEXT DEFAULT NULL,
    retention_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    PRIMARY KEY (workflow_uuid, function_id)
);
INSERT INTO "operation_outputs" VALUES('answer:11111111-1111-4111-8111-111111111111',1,'compose','{"forms":["voice"],"reason":"echo","is_turn":true,"hand_over_seconds":0.0}',NULL,NULL,1795269595779,1795269596018,'portable_json','voicememo',1795269596000);
INSERT INTO "operation_outputs" VALUES('answer:11111111-1111-4111-8111-111111111111',2,'record','{"engine":"espeak","language":"en","seconds":1.87,"bytes":13470,"is_cut":false,"timings":{"speak":0.003933021999728226,"tidy":0.017828437999924063,"encode":0.028271855000639334,"upload":0.015907076000075904},"attachment_id":"036d345e-5542-41a3-b496-067b2304eaf8","filename":null,"clip_key":"c55e8e71ad4cf4e02c4a201b2e69ca1cccbf77178e0a642ceef5ce23763063ba","reused":false}',NULL,NULL,1795269596025,1795269596108,'portable_json','voicememo',1795269596000);
INSERT INTO "operation_outputs" VALUES('answer:11111111-1111-4111-8111-111111111111',3,'send','{"message_id":"47466765-4a2d-4bf4-8ae9-a37ed3302b85","delivery":"queued"}',NULL,NULL,1795269596126,1795269596168,'portable_json','voicememo',1795269596000);
INSERT INTO "operation_outputs" VALUES('answer:22222222-2222-4222-8222-222222222222',1,'compose','{"forms":["voice"],"reason":"echo","is_turn":true,"hand_over_seconds":0.0}',NULL,NULL,1795269596455,1795269596481,'portable_json','voicememo',1795269596000);
CREATE TABLE queues (
    queue_id TEXT PRIMARY KEY DEFAULT (hex(randomblob(16))),
    name TEXT NOT NULL UNIQUE,
    concurrency INTEGER,
    worker_concurrency INTEGER,
    rate_limit_max INTEGER,
    rate_limit_period_sec REAL,
    priority_enabled BOOLEAN NOT NULL DEFAULT FALSE,
    partition_queue BOOLEAN NOT NULL DEFAULT FALSE,
    polling_interval_sec REAL NOT NULL DEFAULT 1.0,
    created_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    updated_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
, "application_name" TEXT DEFAULT NULL, "partition_concurrency" INTEGER DEFAULT NULL, "partition_worker_concurrency" INTEGER DEFAULT NULL, "partition_rate_limit_max" INTEGER DEFAULT NULL, "partition_rate_limit_period_sec" REAL DEFAULT NULL);
INSERT INTO "queues" VALUES('68627173CF034E9B4E81666B4FD83D78','answers',NULL,64,NULL,NULL,1,1,0.05,1795269594000,1795269594677,'voicememo',1,NULL,NULL,NULL);
CREATE TABLE streams (
    workflow_uuid TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    "offset" INTEGER NOT NULL, function_id INTEGER NOT NULL DEFAULT 0, "serialization" TEXT DEFAULT NULL,
    PRIMARY KEY (workflow_uuid, key, "offset"),
    FOREIGN KEY (workflow_uuid) REFERENCES workflow_status(workflow_uuid) 
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE workflow_events (
    workflow_uuid TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL, "serialization" TEXT DEFAULT NULL,
    PRIMARY KEY (workflow_uuid, key),
    FOREIGN KEY (workflow_uuid) REFERENCES workflow_status(workflow_uuid) 
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE workflow_events_history (
    workflow_uuid TEXT NOT NULL,
    function_id INTEGER NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL, "serialization" TEXT DEFAULT NULL,
    PRIMARY KEY (workflow_uuid, function_id, key),
    FOREIGN KEY (workflow_uuid) REFERENCES workflow_status(workflow_uuid)
        ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE workflow_input (
    workflow_uuid TEXT NOT NULL PRIMARY KEY,
    inputs TEXT,
    retention_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
);
INSERT INTO "workflow_input" VALUES('answer:11111111-1111-4111-8111-111111111111','{"namedArgs":{},"positionalArgs":["answer:11111111-1111-4111-8111-111111111111","6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f"]}',1795269594000);
INSERT INTO "workflow_input" VALUES('answer:22222222-2222-4222-8222-222222222222','{"namedArgs":{},"positionalArgs":["answer:22222222-2222-4222-8222-222222222222","6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f"]}',1795269596000);
INSERT INTO "workflow_input" VALUES('answer:33333333-3333-4333-8333-333333333333','{"namedArgs":{},"positionalArgs":["answer:33333333-3333-4333-8333-333333333333","6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f"]}',1795269596000);
CREATE TABLE workflow_output (
    workflow_uuid TEXT NOT NULL PRIMARY KEY,
    output TEXT,
    error TEXT,
    retention_timestamp INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000)
);
INSERT INTO "workflow_output" VALUES('answer:11111111-1111-4111-8111-111111111111','"sent"',NULL,1795269596000);
CREATE TABLE workflow_schedules (
    schedule_id TEXT PRIMARY KEY,
    schedule_name TEXT NOT NULL UNIQUE,
    workflow_name TEXT NOT NULL,
    workflow_class_name TEXT,
    schedule TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'ACTIVE',
    context TEXT NOT NULL
, "last_fired_at" TEXT DEFAULT NULL, "automatic_backfill" BOOLEAN NOT NULL DEFAULT FALSE, "cron_timezone" TEXT DEFAULT NULL, "queue_name" TEXT DEFAULT NULL, "application_name" TEXT DEFAULT NULL);
CREATE TABLE workflow_status (
    workflow_uuid TEXT PRIMARY KEY,
    status TEXT,
    name TEXT,
    authenticated_user TEXT,
    assumed_role TEXT,
    authenticated_roles TEXT,
    request TEXT,
    output TEXT,
    error TEXT,
    executor_id TEXT,
    created_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    updated_at INTEGER NOT NULL DEFAULT (strftime('%s','now') * 1000),
    application_version TEXT,
    application_id TEXT,
    class_name TEXT DEFAULT NULL,
    config_name TEXT DEFAULT NULL,
    recovery_attempts INTEGER DEFAULT 0,
    queue_name TEXT,
    workflow_timeout_ms INTEGER,
    workflow_deadline_epoch_ms INTEGER,
    inputs TEXT,
    started_at_epoch_ms INTEGER,
    deduplication_id TEXT,
    priority INTEGER NOT NULL DEFAULT 0
, queue_partition_key TEXT, forked_from TEXT, "owner_xid" TEXT DEFAULT NULL, "parent_workflow_id" TEXT DEFAULT NULL, "serialization" TEXT DEFAULT NULL, "delay_until_epoch_ms" BIGINT DEFAULT NULL, "was_forked_from" BOOLEAN NOT NULL DEFAULT FALSE, "rate_limited" BOOLEAN NOT NULL DEFAULT FALSE, "completed_at" BIGINT, "attributes" TEXT, "schedule_name" TEXT, "debounce_deadline_epoch_ms" BIGINT DEFAULT NULL, "is_debounced" BOOLEAN NOT NULL DEFAULT FALSE, "application_name" TEXT DEFAULT NULL, "creator_xid" TEXT DEFAULT NULL);
INSERT INTO "workflow_status" VALUES('answer:11111111-1111-4111-8111-111111111111','SUCCESS','Answers.answer',NULL,NULL,NULL,NULL,NULL,NULL,'web.1:24e053b9',1795269594943,1795269596000,'1',NULL,'Answers','answers',1,'answers',NULL,NULL,NULL,1795269595000,NULL,0,'6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f',NULL,NULL,NULL,'portable_json',NULL,0,0,1795269596000,'null',NULL,NULL,0,'voicememo','80144c63-2f93-4758-852b-aee188df7632');
INSERT INTO "workflow_status" VALUES('answer:22222222-2222-4222-8222-222222222222','PENDING','Answers.answer',NULL,NULL,NULL,NULL,NULL,NULL,'web.1:24e053b9',1795269596380,1795269596000,'1',NULL,'Answers','answers',1,'answers',NULL,NULL,NULL,1795269596000,NULL,0,'6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f',NULL,'ec1a22d9-e90d-4379-8aef-9c28e89bc690',NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'voicememo','d6418b5a-0a22-485c-bd71-4d548ac2ef89');
INSERT INTO "workflow_status" VALUES('answer:33333333-3333-4333-8333-333333333333','ENQUEUED','Answers.answer',NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795269596404,1795269596000,'1',NULL,'Answers','answers',0,'answers',NULL,NULL,NULL,NULL,NULL,0,'6f1c2b9e-4d3a-4a55-9c0e-0a1b2c3d4e5f',NULL,NULL,NULL,'portable_json',NULL,0,0,NULL,'null',NULL,NULL,0,'voicememo','19445423-6844-468c-bf3b-177e488798c2');
CREATE INDEX memo_answers_chat ON memo_answers (chat_id, created_at);
CREATE INDEX memo_answers_memo ON memo_answers (memo_message_id);
CREATE INDEX memo_answers_state ON memo_answers (state, created_at);
CREATE INDEX memo_answers_text ON memo_answers (text_message_id);
CREATE INDEX memo_chats_handle ON memo_chats (handle);
CREATE INDEX memo_clips_created ON memo_clips (created_at);
CREATE INDEX memo_messages_answer ON memo_messages (answer_id);
CREATE INDEX memo_messages_received ON memo_messages (received_at);
CREATE INDEX memo_messages_sender ON memo_messages (sender, received_at);
CREATE INDEX memo_messages_waiting ON memo_messages (chat_id, state, sent_at);
CREATE INDEX memo_published_answer ON memo_published (answer_id);
CREATE INDEX memo_published_expires ON memo_published (expires_at);
CREATE UNIQUE INDEX memo_turns_answer ON memo_turns (answer_id, role);
CREATE INDEX memo_turns_chat ON memo_turns (chat_id, at);
CREATE INDEX memo_sends_answer ON memo_sends (answer_id);
CREATE INDEX memo_sends_message ON memo_sends (message_id);
CREATE INDEX memo_sends_needle ON memo_sends (needle);
CREATE INDEX workflow_status_created_at_index ON workflow_status (created_at);
CREATE INDEX idx_workflow_topic ON notifications (destination_uuid, topic);
CREATE INDEX "idx_workflow_status_delayed" ON "workflow_status" ("delay_until_epoch_ms") WHERE status = 'DELAYED';
CREATE INDEX "idx_workflow_status_forked_from" ON "workflow_status" ("forked_from") WHERE "forked_from" IS NOT NULL;
CREATE INDEX "idx_workflow_status_parent_workflow_id" ON "workflow_status" ("parent_workflow_id") WHERE "parent_workflow_id" IS NOT NULL;
CREATE UNIQUE INDEX "uq_workflow_status_dedup_id" ON "workflow_status" ("queue_name", "deduplication_id") WHERE "deduplication_id" IS NOT NULL;
CREATE INDEX "idx_workflow_status_pending" ON "workflow_status" ("created_at") WHERE "status" = 'PENDING';
CREATE INDEX "idx_workflow_status_failed" ON "workflow_status" ("status", "created_at") WHERE "status" IN ('ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED');
CREATE INDEX "idx_workflow_status_rate_limited" ON "workflow_status" ("queue_name", "started_at_epoch_ms") WHERE "rate_limited" = TRUE;
CREATE INDEX "idx_workflow_status_completed_at" ON "workflow_status" ("completed_at") WHERE "completed_at" IS NOT NULL;
CREATE INDEX "idx_workflow_status_started_at" ON "workflow_status" ("started_at_epoch_ms") WHERE "started_at_epoch_ms" IS NOT NULL;
CREATE INDEX "idx_workflow_status_schedule_name" ON "workflow_status" ("schedule_name") WHERE "schedule_name" IS NOT NULL;
CREATE UNIQUE INDEX "uq_application_versions_owner_version"
    ON application_versions ("application_name", "version_name")
    WHERE "application_name" IS NOT NULL;
CREATE UNIQUE INDEX "uq_application_versions_unclaimed_version"
    ON application_versions ("version_name")
    WHERE "application_name" IS NULL;
CREATE INDEX idx_workflow_input_retention
    ON workflow_input (retention_timestamp);
CREATE INDEX idx_workflow_output_retention
    ON workflow_output (retention_timestamp);
CREATE INDEX idx_operation_outputs_retention
    ON operation_outputs (retention_timestamp);
CREATE INDEX "idx_workflow_status_in_flight_v2" ON "workflow_status" ("queue_name", "status", "priority", "created_at", "application_name") WHERE "status" IN ('ENQUEUED', 'PENDING');
CREATE INDEX "idx_workflow_status_partition_dequeue_v3" ON "workflow_status" ("queue_name", "status", "queue_partition_key", "priority", "created_at", "workflow_uuid", "application_name") WHERE "status" IN ('ENQUEUED', 'PENDING') AND "queue_partition_key" IS NOT NULL;
CREATE INDEX "idx_operation_outputs_completed_at_function_name_v2" ON "operation_outputs" ("completed_at_epoch_ms", "function_name", "application_name");
CREATE INDEX "idx_workflow_status_deadline" ON "workflow_status" ("workflow_deadline_epoch_ms") WHERE "status" IN ('ENQUEUED', 'PENDING', 'DELAYED') AND "workflow_deadline_epoch_ms" IS NOT NULL;
CREATE INDEX "idx_application_versions_timestamp" ON "application_versions" ("version_timestamp" DESC);
CREATE INDEX "idx_application_versions_owner_timestamp" ON "application_versions" ("application_name", "version_timestamp" DESC);
COMMIT;
