package io.millrace.data.log;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How far the preparation of one partition has come. It is committed by the same Kafka transaction
 * as the records it counts, so it is neither ahead of them nor behind.
 *
 * @param nextOffset offset in the documents topic at which preparation goes on
 * @param prepared documents that became part of records
 * @param rejected documents that went to the dead letters
 * @param tokens of the prepared documents; 0 for images
 * @param packedTokens tokens in the records; equal to {@code tokens}, or something was lost
 * @param boxes of the prepared pictures; 0 for text
 * @param train records written to the training topic: the sequence number of the next one
 * @param heldout records written to the held-out topic: the sequence number of the next one
 * @param trainEnd offset after the last record of the training topic
 * @param heldoutEnd offset after the last record of the held-out topic
 */
public record PartitionProgress(
    long nextOffset,
    long prepared,
    long rejected,
    long tokens,
    long packedTokens,
    long boxes,
    long train,
    long heldout,
    long trainEnd,
    long heldoutEnd) {

  /** Nothing done yet. */
  public static final PartitionProgress NONE = new PartitionProgress(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  private static final String VERSION = "millrace/1";

  /** The same counts with the ends of the two topics. */
  public PartitionProgress withEnds(long trainEnd, long heldoutEnd) {
    return new PartitionProgress(
        nextOffset,
        prepared,
        rejected,
        tokens,
        packedTokens,
        boxes,
        train,
        heldout,
        trainEnd,
        heldoutEnd);
  }

  /** The same counts at a later offset, after records that are no documents. */
  PartitionProgress at(long offset) {
    return new PartitionProgress(
        offset,
        prepared,
        rejected,
        tokens,
        packedTokens,
        boxes,
        train,
        heldout,
        trainEnd,
        heldoutEnd);
  }

  /** As text of at most 300 ASCII characters, e.g. {@code millrace/1 next=12 prepared=12 ...}. */
  public String encode() {
    Map<String, Long> fields = new LinkedHashMap<>();
    fields.put("next", nextOffset);
    fields.put("prepared", prepared);
    fields.put("rejected", rejected);
    fields.put("tokens", tokens);
    fields.put("packed", packedTokens);
    fields.put("boxes", boxes);
    fields.put("train", train);
    fields.put("heldout", heldout);
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
        field(fields, "prepared"),
        field(fields, "rejected"),
        field(fields, "tokens"),
        field(fields, "packed"),
        field(fields, "boxes"),
        field(fields, "train"),
        field(fields, "heldout"),
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
