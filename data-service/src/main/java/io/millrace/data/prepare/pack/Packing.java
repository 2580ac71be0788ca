package io.millrace.data.prepare.pack;

import java.util.List;

/**
 * The packs of one window.
 *
 * @param packs in order of the first document in them
 * @param packLength the most tokens a pack may hold
 */
public record Packing(List<Pack> packs, int packLength) {

  /** The number of tokens in all packs. */
  public long tokens() {
    return packs.stream().mapToLong(Pack::length).sum();
  }

  /** Tokens divided by the places there are in as many packs: 1 is perfect; 1 for no packs. */
  public double efficiency() {
    return packs.isEmpty() ? 1 : tokens() / ((double) packs.size() * packLength);
  }
}
