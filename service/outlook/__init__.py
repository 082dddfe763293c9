"""Before posting: who could serve a draft's lines as the market stands, without a look at any sealed price."""
