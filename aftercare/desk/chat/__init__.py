"""Web chat (在线客服): what stands behind its actions and its views."""
