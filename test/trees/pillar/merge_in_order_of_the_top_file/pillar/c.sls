dict: {three: c}
