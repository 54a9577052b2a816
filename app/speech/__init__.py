"""Speech: from text that was written to be read to a voice memo that is listened to."""
