package io.millrace.inference.search;

import io.millrace.contracts.record.CorruptRecordException;
import io.millrace.inference.embed.Embeddings;
import io.millrace.inference.embed.Vectors;
import io.millrace.language.tokenize.Tokenizer;
import io.millrace.platform.checkpoint.TokenizerFile;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.registry.Content;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.DatasetEntry.TokenizerEntry;
import io.millrace.platform.registry.ForeignRecords;
import io.millrace.platform.registry.ForeignRecords.Place;
import io.millrace.platform.registry.Registry;
import io.millrace.platform.store.ObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Turns the records of a dataset into items of an index, some at a time. Items and the position
 * after them are written in one transaction, so that each document is there once, whoever dies and
 * whichever replica goes on.
 */
@Component
class IndexFiller {

  private final SearchStore store;
  private final SearchItems items;
  private final PgVector pgVector;
  private final TransactionTemplate transactions;
  private final Registry registry;
  private final ForeignRecords foreign;
  private final Embeddings embeddings;
  private final ObjectStore objects;
  private final Map<String, Tokenizer> tokenizers = new ConcurrentHashMap<>();

  IndexFiller(
      SearchStore store,
      SearchItems items,
      PgVector pgVector,
      TransactionTemplate transactions,
      Registry registry,
      ForeignRecords foreign,
      Embeddings embeddings,
      ObjectStore objects) {
    this.store = store;
    this.items = items;
    this.pgVector = pgVector;
    this.transactions = transactions;
    this.registry = registry;
    this.foreign = foreign;
    this.embeddings = embeddings;
    this.objects = objects;
  }

  /**
   * Adds what comes next of a dataset; false if there is nothing now, or another replica is at it.
   *
   * @throws RuntimeException for a reason that may pass, such as a model that does not serve
   */
  boolean fill(String index, PreparedRecords records) {
    return Boolean.TRUE.equals(
        transactions.execute(_ -> store.lock(index) && fillLocked(index, records)));
  }

  private boolean fillLocked(String name, PreparedRecords prepared) {
    SearchIndex index = store.find(name).orElseThrow();
    int serving = embeddings.version(index.model());
    if (serving != index.modelVersion()) {
      store.restart(name, serving);
      pgVector.dropIndex(name);
    }
    DatasetEntry dataset = registry.requireDataset(index.dataset());
    List<ConsumerRecord<byte[], byte[]>> records = prepared.after(dataset, store.positions(name));
    Set<Place> left = foreign.find(dataset.name());
    if (records.isEmpty()) {
      pgVector.index(index);
      return false;
    }
    RecordItems found =
        items(dataset, records.stream().filter(record -> !left.contains(place(record))).toList());
    Map<TopicPartition, Long> after = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      after.put(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
    }
    items.add(name, found, vectors(index, found, serving));
    store.move(name, after);
    return true;
  }

  private RecordItems items(DatasetEntry dataset, List<ConsumerRecord<byte[], byte[]>> records) {
    RecordItems found = new RecordItems();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      try {
        switch (dataset.content()) {
          case Content.Text text -> found.addTexts(record, tokenizer(dataset, text));
          case Content.Pictures _ -> found.addPicture(record);
          case Content.Rows _ -> throw PreparedRecords.noIndexOfRows(dataset);
        }
      } catch (CorruptRecordException e) {
        throw MillraceException.precondition(
            "a record of dataset '%s' is damaged: %s (%s); POST /api/datasets/%s/repair leaves it out if somebody else wrote it"
                .formatted(dataset.name(), e.getMessage(), place(record), dataset.name()));
      }
    }
    return found;
  }

  private static Place place(ConsumerRecord<byte[], byte[]> record) {
    return new Place(record.topic(), record.partition(), record.offset());
  }

  private List<float[]> vectors(SearchIndex index, RecordItems found, int serving) {
    if (found.items().isEmpty()) {
      return List.of();
    }
    Vectors vectors =
        found.pictures().isEmpty()
            ? embeddings.ofTexts(index.model(), found.texts())
            : embeddings.ofPictures(index.model(), found.pictures());
    if (vectors.modelVersion() != serving) {
      throw MillraceException.unavailable(
          "model '%s' was swapped to version %d meanwhile"
              .formatted(index.model(), vectors.modelVersion()));
    }
    return vectors.values();
  }

  private Tokenizer tokenizer(DatasetEntry dataset, Content.Text text) {
    TokenizerEntry entry = text.tokenizer();
    if (entry == null) {
      throw MillraceException.precondition(
          "dataset '%s' has no tokenizer yet, so nothing of it is prepared"
              .formatted(dataset.name()));
    }
    return tokenizers.computeIfAbsent(
        entry.sha256(),
        _ -> {
          try {
            return Tokenizer.read(TokenizerFile.read(objects, entry, Tokenizer.MAX_BYTES));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }
}
