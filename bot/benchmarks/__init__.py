"""Measurements of the service that anyone can take: `kinogram bench service`.

service.py runs them, in this order: arriving.py (accepts a second), chain.py (the whole chain, with
the built-in model and with one that takes no time), growth.py (what each step costs while 100 to
100,000 jobs wait). report.py makes a table and JSON of what they found.
"""
