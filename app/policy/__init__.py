"""Manners as pure functions: whom to answer, how often, and in which form."""

from app.policy.decision import Decision, PolicyRules, decide, is_opt_out
from app.policy.form import Form, reply_form, reset_requested, switch_requested
from app.policy.pace import Exchange, LoopRules, RateLimit, Verdict, looks_like_a_loop
from app.policy.reasons import Reason, final_refusal

__all__ = [
    "Decision",
    "Exchange",
    "Form",
    "LoopRules",
    "PolicyRules",
    "RateLimit",
    "Reason",
    "Verdict",
    "decide",
    "final_refusal",
    "is_opt_out",
    "looks_like_a_loop",
    "reply_form",
    "reset_requested",
    "switch_requested",
]
