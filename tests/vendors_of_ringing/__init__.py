"""Those who ring: SMS, calls, and urgent messages to one person, each by a double that checks what its vendor does."""
