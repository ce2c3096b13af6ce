"""What a peer connection's getStats reports add up to, whoever brings them. Pure: reports in, samples out."""
