"""Papers made from what runs here: records, assessments, notices and signs. Text in, text out; nothing is retyped."""
