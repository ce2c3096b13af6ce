"""Measurements that belong to no session: series of numbers and of histograms, as exporters and SDKs send them."""
