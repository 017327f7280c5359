"""Notifications: whom an incident is told to, when, in which language, and what became of each attempt.

`notify.yaml` of the data folder says it all (`documents`); `plan` decides, `outbox` sends and keeps the log.
"""
