"""The files that put Kinogram on a cluster, all written from one table of numbers.

files           what each file says
*.yaml, ...     their texts, in which @{name} stands for what files.py fills in
"""
