"""Floor 12: files of places, institutions, suppliers, products and prices become rows; refused lines say why."""
