package io.millrace.inference.search;

import io.millrace.contracts.data.v1.PackedSequence;
import io.millrace.contracts.data.v1.Sample;
import io.millrace.contracts.record.PackedSequences;
import io.millrace.contracts.record.Samples;
import io.millrace.inference.embed.TextInput;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.vision.picture.Picture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** What is in prepared records, to be turned into vectors. */
final class RecordItems {
  private static final int EXCERPT = 240;

  private final List<Item> items = new ArrayList<>();
  private final List<TextInput> texts = new ArrayList<>();
  private final List<Picture> pictures = new ArrayList<>();
  private final List<Revision> empty = new ArrayList<>();

  /** The documents, in order. */
  List<Item> items() {
    return items;
  }

  /** Documents in pieces of which there is nothing to read, which take the place of others too. */
  List<Revision> empty() {
    return empty;
  }

  /** Their texts; none of pictures. */
  List<TextInput> texts() {
    return texts;
  }

  /** Their pictures; none of texts. */
  List<Picture> pictures() {
    return pictures;
  }

  /**
   * Adds the documents of a packed sequence, but for pieces in which there is nothing to read.
   *
   * @param tokenizer of the dataset
   * @throws io.millrace.contracts.record.CorruptRecordException if it is none
   */
  void addTexts(ConsumerRecord<byte[], byte[]> record, Tokenizer tokenizer) {
    PackedSequence sequence = PackedSequences.parse(record.value());
    int[] ids = PackedSequences.tokenIds(sequence);
    int[] starts = PackedSequences.documentStarts(sequence);
    for (int i = 0; i + 1 < starts.length; i++) {
      int end = starts[i + 1];
      if (ids[end - 1] == tokenizer.endOfDocument()) {
        end--;
      }
      String text = tokenizer.decode(Arrays.copyOfRange(ids, starts[i], end));
      String id = i < sequence.getDocumentIdsCount() ? sequence.getDocumentIds(i) : "";
      Revision revision = Revision.of(id, record);
      if (text.isBlank()) {
        if (revision != null) {
          empty.add(revision);
        }
        continue;
      }
      items.add(item(record, i, id, excerpt(text), revision));
      texts.add(new TextInput.Written("document '" + id + "'", text));
    }
  }

  /**
   * Adds the picture of a sample.
   *
   * @throws io.millrace.contracts.record.CorruptRecordException if it is none
   */
  void addPicture(ConsumerRecord<byte[], byte[]> record) {
    Sample sample = Samples.parse(record.value());
    String id = sample.getDocumentId();
    items.add(item(record, 0, id, "", Revision.of(id, record)));
    pictures.add(new Picture(sample.getWidth(), sample.getHeight(), Samples.rgb(sample)));
  }

  private static Item item(
      ConsumerRecord<byte[], byte[]> record,
      int place,
      String id,
      String excerpt,
      @Nullable Revision revision) {
    return new Item(
        record.topic(), record.partition(), record.offset(), place, id, excerpt, revision);
  }

  /** How the text begins, without half a character at the end, or NUL, which PostgreSQL refuses. */
  private static String excerpt(String text) {
    String clean = text.replace('\0', ' ');
    if (clean.length() <= EXCERPT) {
      return clean;
    }
    int end = Character.isHighSurrogate(clean.charAt(EXCERPT - 1)) ? EXCERPT - 1 : EXCERPT;
    return clean.substring(0, end);
  }
}
