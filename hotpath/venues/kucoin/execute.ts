/**
 * Station: commands -> signed requests -> outcomes, for KuCoin spot (HF).
 *
 * Nobody trades here yet. The room stands empty so that its place is known.
 */
export {};
