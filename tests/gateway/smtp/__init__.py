"""Tests of gateway.smtp."""
