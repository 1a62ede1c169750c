"""数据来源: every figure on the screen and in the files answers where it comes from."""
