"""One value in, one score out: how new a value is for its series. Pure; the same values give the same scores."""
