"""What every way of receiving shares: who may send, bounded counts by sender, gathering into durable batches."""
