package io.millrace.data.prepare;

import io.millrace.contracts.Topics.Split;
import io.millrace.data.log.DatasetLog;
import io.millrace.data.log.DatasetTopics;
import io.millrace.data.log.PartitionProgress;
import io.millrace.data.log.RangeReader;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.registry.DatasetEntry;
import io.millrace.platform.registry.ForeignRecords;
import io.millrace.platform.registry.ForeignRecords.Place;
import io.millrace.platform.registry.Registry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Tells the records of a preparation from those that somebody else wrote among them: every window
 * is prepared anew from its documents, and what it does not become is foreign and left out from
 * then on. Nothing is written to the log, so snapshots that are sealed, and runs on them, stay as
 * they are; the preparation goes on meanwhile.
 */
@Service
public class DatasetRepair {
  private static final Logger LOG = LoggerFactory.getLogger(DatasetRepair.class);

  private final Registry registry;
  private final DatasetLog log;
  private final KafkaClients kafka;
  private final TransformFactory transforms;
  private final ProcessorFactory processors;
  private final ForeignRecords foreign;
  private final TransactionTemplate transactions;

  /** On the registry and the cluster. */
  DatasetRepair(
      Registry registry,
      DatasetLog log,
      KafkaClients kafka,
      TransformFactory transforms,
      ProcessorFactory processors,
      ForeignRecords foreign,
      TransactionTemplate transactions) {
    this.registry = registry;
    this.log = log;
    this.kafka = kafka;
    this.transforms = transforms;
    this.processors = processors;
    this.foreign = foreign;
    this.transactions = transactions;
  }

  /**
   * What a repair found.
   *
   * @param windows that were prepared anew
   * @param records of theirs that are there
   * @param foreign records that are left out from now on, in the order of their places
   */
  public record Repaired(long windows, long records, List<Place> foreign) {}

  /**
   * Compares everything that is prepared with its documents.
   *
   * @throws MillraceException NOT_FOUND; FAILED_PRECONDITION if the dataset is not ready to be
   *     prepared, or if documents or records are gone, which nothing can put back; UNAVAILABLE if
   *     Kafka fails
   */
  public Repaired repair(String name) {
    DatasetEntry dataset = registry.requireDataset(name);
    if (!transforms.isReady(dataset)) {
      throw MillraceException.precondition(
          "dataset '%s' has no tokenizer yet, so nothing of it is prepared".formatted(name));
    }
    Repaired repaired = compare(dataset);
    transactions.executeWithoutResult(status -> {
      registry.lockDataset(name);
      foreign.note(name, repaired.foreign());
    });
    LOG.info(
        "Repaired {}: {} windows, {} records, foreign: {}",
        name,
        repaired.windows(),
        repaired.records(),
        repaired.foreign());
    return repaired;
  }

  private Map<Split, Map<Integer, Long>> ends(RangeReader reader, DatasetTopics names) {
    Map<Split, Map<Integer, Long>> ends = new EnumMap<>(Split.class);
    for (Split split : Split.values()) {
      Map<Integer, Long> here = new TreeMap<>();
      for (int partition : log.begins(names.of(split)).keySet()) {
        here.put(partition, reader.end(new TopicPartition(names.of(split), partition)));
      }
      ends.put(split, here);
    }
    return ends;
  }

  private Repaired compare(DatasetEntry dataset) {
    DatasetTopics names = log.names(dataset);
    long windows = 0;
    long records = 0;
    List<Place> found = new ArrayList<>();
    try (RangeReader reader = new RangeReader(kafka, "data-repair-" + dataset.name())) {
      WindowProcessor<?> processor = processors.again(dataset);
      // Before the progress: what is there now and belongs to none of its windows is foreign.
      Map<Split, Map<Integer, Long>> ends = ends(reader, names);
      for (Map.Entry<Integer, PartitionProgress> each : log.progress(dataset).entrySet()) {
        int partition = each.getKey();
        PartitionComparison comparison =
            new PartitionComparison(
                reader, dataset, names, partition, each.getValue(), ends, processor);
        windows += comparison.run();
        records += comparison.records();
        found.addAll(comparison.foreign());
      }
    } catch (IOException e) {
      throw MillraceException.unavailable("cannot read the tokenizer: " + e.getMessage());
    } catch (KafkaException e) {
      throw MillraceException.unavailable("cannot read the log: " + kafka.reason(e));
    }
    return new Repaired(windows, records, found);
  }
}
