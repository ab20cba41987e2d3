"""Every sentence that people read. English stands here; other languages are in bot/locales/."""
