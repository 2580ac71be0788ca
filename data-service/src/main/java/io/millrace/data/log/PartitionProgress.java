package io.millrace.data.log;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How far the preparation of one partition has come. It is committed by the same Kafka transaction
 * as the records it counts, so it is neither ahead of them nor behind.
 *
 * @param nextOffset offset in the documents topic at which preparation goes on
 * @param tally of all documents before; its records are the sequence numbers of the next ones
 * @param trainEnd offset after the last record of the training topic
 * @param heldoutEnd offset after the last record of the held-out topic
 */
public record PartitionProgress(long nextOffset, Tally tally, long trainEnd, long heldoutEnd) {

  /** Nothing done yet. */
  public static final PartitionProgress NONE = new PartitionProgress(0, Tally.NONE, 0, 0);

  private static final String VERSION = "millrace/1";

  /** The same with the ends of the two topics. */
  public PartitionProgress withEnds(long trainEnd, long heldoutEnd) {
    return new PartitionProgress(nextOffset, tally, trainEnd, heldoutEnd);
  }

  /** The same at a later offset, after records that are no documents. */
  public PartitionProgress at(long offset) {
    return new PartitionProgress(offset, tally, trainEnd, heldoutEnd);
  }

  /** As text of at most 300 ASCII characters, e.g. {@code millrace/1 next=12 prepared=12 ...}. */
  public String encode() {
    Map<String, Long> fields = new LinkedHashMap<>();
    fields.put("next", nextOffset);
    fields.put("prepared", tally.prepared());
    fields.put("rejected", tally.rejected());
    fields.put("tokens", tally.tokens());
    fields.put("packed", tally.packedTokens());
    fields.put("boxes", tally.boxes());
    fields.put("train", tally.train());
    fields.put("heldout", tally.heldout());
    fields.put("train_end", trainEnd);
    fields.put("heldout_end", heldoutEnd);
    return fields.entrySet().stream()
        .map(field -> field.getKey() + "=" + field.getValue())
        .collect(Collectors.joining(" ", VERSION + " ", ""));
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IllegalArgumentException for any other text
   */
  public static PartitionProgress decode(String text) {
    String[] words = text.split(" ");
    if (words.length != 11 || !words[0].equals(VERSION)) {
      throw new IllegalArgumentException("not a preparation's progress: '" + text + "'");
    }
    Map<String, Long> fields = new LinkedHashMap<>();
    for (int i = 1; i < words.length; i++) {
      int equals = words[i].indexOf('=');
      fields.put(
          words[i].substring(0, Math.max(equals, 0)),
          Long.parseLong(words[i].substring(equals + 1)));
    }
    return new PartitionProgress(
        field(fields, "next"),
        new Tally(
            field(fields, "prepared"),
            field(fields, "rejected"),
            field(fields, "tokens"),
            field(fields, "packed"),
            field(fields, "boxes"),
            field(fields, "train"),
            field(fields, "heldout")),
        field(fields, "train_end"),
        field(fields, "heldout_end"));
  }

  private static long field(Map<String, Long> fields, String name) {
    Long value = fields.get(name);
    if (value == null) {
      throw new IllegalArgumentException("progress without " + name + ": " + fields);
    }
    return value;
  }
}
