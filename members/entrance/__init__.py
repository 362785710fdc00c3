"""How members come in: by a code in a letter, a passkey, a password, or their organisation's sign-in; and a second step.

django-allauth does it; what is here chooses from it, speaks our words, and lets nobody in who is suspended.
"""
