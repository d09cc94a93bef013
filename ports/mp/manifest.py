# What is frozen into mp.
include("$(MPY_DIR)/extmod/asyncio")
