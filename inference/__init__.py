"""From a request to an mp4; knows nothing of chats, people or SQLite, and loads nothing heavy."""
