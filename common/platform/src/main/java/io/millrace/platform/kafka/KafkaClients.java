package io.millrace.platform.kafka;

import io.millrace.platform.MillraceProperties;
import io.millrace.platform.error.ErrorCode;
import io.millrace.platform.error.MillraceException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.record.CompressionType;
import org.jspecify.annotations.Nullable;

/**
 * Makes Kafka clients for byte keys and byte values with the settings that the platform's promises
 * need: producers are idempotent with acks from all in-sync replicas, consumers read committed
 * records only, never commit by themselves and never jump over a gap silently.
 *
 * <p>Whoever asks for a client closes it. One that cannot be made because no broker's name can be
 * looked up throws Kafka's {@code TimeoutException}, as a broker that does not answer does.
 */
public final class KafkaClients implements AutoCloseable {
  private static final short REQUIRED_TRANSACTION_VERSION = 2;

  private final MillraceProperties.Kafka settings;
  private final ClientSettings clients;
  private final KafkaFaults faults;
  private final AdminCalls calls;
  private final KafkaTransport transport;
  private final Admin admin;
  private final TopicMaker topics;

  /**
   * Connects lazily: a cluster that is down is noticed at the first use.
   *
   * @throws MillraceException FAILED_PRECONDITION if the settings of TLS and SASL do not fit
   *     together, or there is no token to be had
   */
  public KafkaClients(MillraceProperties.Kafka settings) {
    this(settings, KafkaTransport.NETWORK);
  }

  /** The same on another transport than the network. */
  public KafkaClients(MillraceProperties.Kafka settings, KafkaTransport transport) {
    this.settings = settings;
    this.clients = new ClientSettings(settings);
    this.faults = new KafkaFaults(settings);
    this.calls = new AdminCalls(settings, faults);
    this.transport = transport;
    this.admin = admin(clients.common("millrace-admin"));
    this.topics = new TopicMaker(admin, calls, settings);
  }

  private Admin admin(Map<String, Object> client) {
    try {
      return transport.admin(client);
    } catch (KafkaException e) {
      throw new MillraceException(ErrorCode.FAILED_PRECONDITION, faults.unmade(e), e);
    }
  }

  /**
   * Why a client failed: what is wrong with certificates, passwords or permissions and which
   * setting is to blame, or else the failure's message.
   */
  public String reason(Throwable failure) {
    return faults.reason(failure).orElseGet(() -> String.valueOf(failure.getMessage()));
  }

  /**
   * Asks the cluster whether it is there.
   *
   * @return why it does not answer, which may be that the thread of this process that asks is dead;
   *     null if it answers
   */
  public @Nullable String trouble(Duration timeout) {
    try {
      admin
          .describeCluster(
              new DescribeClusterOptions().timeoutMs(Math.toIntExact(timeout.toMillis())))
          .clusterId()
          .get(2 * timeout.toMillis(), TimeUnit.MILLISECONDS);
      return null;
    } catch (ExecutionException e) {
      return "Kafka at %s: %s".formatted(settings.bootstrapServers(), reason(e));
    } catch (TimeoutException e) {
      return "Kafka at %s is not even asked: the client's thread is dead or stuck"
          .formatted(settings.bootstrapServers());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  /**
   * An idempotent producer of events; sends wait for the acknowledgement of all in-sync replicas.
   * It compresses with gzip, which clients in every language read.
   */
  public Producer<byte[], byte[]> producer(String clientId) {
    return made(transport::producer, clients.producer(clientId, CompressionType.GZIP));
  }

  /** The same for bulk data that the platform reads: with LZ4, which costs less time. */
  public Producer<byte[], byte[]> bulkProducer(String clientId) {
    return made(transport::producer, clients.producer(clientId, CompressionType.LZ4));
  }

  /**
   * A transactional producer of bulk data, not yet initialised.
   *
   * @param transactionalId unique for the role it plays; the topic prefix is put before it. A
   *     second producer with the same id fences the first.
   */
  public Producer<byte[], byte[]> transactionalProducer(String clientId, String transactionalId) {
    Map<String, Object> settings = clients.producer(clientId, CompressionType.LZ4);
    settings.put(
        ProducerConfig.TRANSACTIONAL_ID_CONFIG, this.settings.topicPrefix() + transactionalId);
    return made(transport::producer, settings);
  }

  /**
   * A consumer without a group, to be used with {@code assign} and {@code seek}. It throws if its
   * position is not in the log any more.
   */
  public Consumer<byte[], byte[]> consumer(String clientId) {
    return made(transport::consumer, clients.consumer(clientId));
  }

  /**
   * A consumer of a group, which begins at the beginning and commits only when told to.
   *
   * @param group the topic prefix is put before it
   */
  public Consumer<byte[], byte[]> groupConsumer(String clientId, String group) {
    Map<String, Object> settings = clients.consumer(clientId);
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, this.settings.topicPrefix() + group);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    return made(transport::consumer, settings);
  }

  /**
   * A consumer of a group for whoever knows its position: it throws if that is not in the log any
   * more, and commits only when told to.
   *
   * @param group the topic prefix is put before it
   */
  public Consumer<byte[], byte[]> positionedGroupConsumer(String clientId, String group) {
    Map<String, Object> settings = clients.consumer(clientId);
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, this.settings.topicPrefix() + group);
    return made(transport::consumer, settings);
  }

  /** A name that cannot be looked up now, as while this machine has no network, may be later. */
  private <T> T made(Function<Map<String, Object>, T> transport, Map<String, Object> client) {
    try {
      return transport.apply(client);
    } catch (KafkaException e) {
      throw faults.isUnresolved(e)
          ? new org.apache.kafka.common.errors.TimeoutException(faults.unmade(e), e)
          : e;
    }
  }

  /** The shared administration client; not to be closed by its users. */
  public Admin admin() {
    return admin;
  }

  /**
   * Makes a topic unless it exists.
   *
   * @throws MillraceException UNAVAILABLE if the cluster does not answer, FAILED_PRECONDITION if
   *     the topic exists with another number of partitions
   */
  public void ensureTopic(TopicSpec topic) {
    topics.ensure(topic);
  }

  /**
   * Number of partitions of a topic that exists.
   *
   * @throws org.apache.kafka.common.errors.UnknownTopicOrPartitionException if it does not
   */
  public int partitions(String topic) {
    return topics.partitions(topic);
  }

  /**
   * Checks that the cluster answers and that its transactions cannot be torn (KIP-890: feature
   * {@code transaction.version} 2).
   *
   * @throws MillraceException UNAVAILABLE or FAILED_PRECONDITION, saying what to do
   */
  public void requireCluster() {
    Map<String, FinalizedVersionRange> features =
        calls
            .get(admin.describeFeatures().featureMetadata(), "reach the cluster")
            .finalizedFeatures();
    FinalizedVersionRange transactions = features.get("transaction.version");
    int version = transactions == null ? 0 : transactions.maxVersionLevel();
    if (settings.requireTransactionVersion() && version < REQUIRED_TRANSACTION_VERSION) {
      throw MillraceException.precondition(
          String.format(
              Locale.ROOT,
              "the Kafka cluster %s has transaction.version=%d, Millrace needs %d; run"
                  + " 'kafka-features.sh upgrade --feature transaction.version=%d'",
              settings.bootstrapServers(),
              version,
              REQUIRED_TRANSACTION_VERSION,
              REQUIRED_TRANSACTION_VERSION));
    }
  }

  @Override
  public void close() {
    admin.close(java.time.Duration.ofSeconds(5));
  }
}
