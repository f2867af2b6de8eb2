"""A switch without telephones: it plays calls through the same contract as a real one."""
