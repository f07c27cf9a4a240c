"""What a book needs: parameters, provenance, tables, figures, maps, ledger, re-runs and sweeps."""
