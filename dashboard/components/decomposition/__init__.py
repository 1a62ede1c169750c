"""The 目标任务分解表: described first (table), then rendered (screen, panels, workbook)."""
