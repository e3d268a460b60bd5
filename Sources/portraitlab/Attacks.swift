func measureAttacks(_ words: [String]) throws {}
