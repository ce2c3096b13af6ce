"""End users' complaints (用户客诉): what one row is, reading files of them, counting them."""
