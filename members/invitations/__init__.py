"""How people become members: an invitation by letter, or asking for one."""
