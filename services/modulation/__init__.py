"""The modulated part of the *aide au poste*: indicators, socle, allocation."""
