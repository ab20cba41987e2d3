"""What admins may do, in the chat and from the shell: one table, and an act for each command."""
