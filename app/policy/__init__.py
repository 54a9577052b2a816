"""Policy as pure functions: whom to answer, how often, in which form, and why."""

from app.policy.chat_context import ChatContext
from app.policy.corrections import is_correction, outdating
from app.policy.decision import Decision, PolicyRules, decide, is_opt_out
from app.policy.form import Form, reply_form, reset_requested, switch_requested
from app.policy.pace import Exchange, LoopRules, RateLimit, Verdict, looks_like_a_loop
from app.policy.reasons import Reason, final_refusal
from app.policy.reply import Limits, Notice, Reply, ReplyDecision, Skip, decide_reply, is_loop
from app.policy.requests_for_a_person import asks_for_a_person
from app.policy.requests_to_stop import asks_to_stop

__all__ = [
    "ChatContext",
    "Decision",
    "Exchange",
    "Form",
    "Limits",
    "LoopRules",
    "Notice",
    "PolicyRules",
    "RateLimit",
    "Reason",
    "Reply",
    "ReplyDecision",
    "Skip",
    "Verdict",
    "asks_for_a_person",
    "asks_to_stop",
    "decide",
    "decide_reply",
    "final_refusal",
    "is_correction",
    "is_loop",
    "is_opt_out",
    "looks_like_a_loop",
    "outdating",
    "reply_form",
    "reset_requested",
    "switch_requested",
]
