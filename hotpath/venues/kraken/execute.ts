/**
 * Station: commands -> signed requests -> outcomes, for Kraken.
 *
 * Nobody trades here yet: this engine only looks. The room stands empty so that its place is known.
 */
export {};
