"""Ways back into an account: another password, a code from an officer, a code by e-mail, a lost authenticator."""
