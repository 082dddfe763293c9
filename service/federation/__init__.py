"""Sign-in elsewhere: OpenID Connect providers such as ThaID and LINE Login, by configuration."""
