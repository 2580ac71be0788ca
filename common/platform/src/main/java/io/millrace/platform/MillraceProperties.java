package io.millrace.platform;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Settings that all services have in common, prefix {@code millrace}.
 *
 * @param objects where objects (checkpoints, tokenizers) are kept
 * @param kafka the cluster
 * @param internal how services trust the gateway
 * @param engine where mathematics runs
 * @param limits what a caller may send
 * @param timeouts how long a caller may take
 * @param shutdownDelay how long a service that is told to stop still answers while it says that it
 *     is not ready
 * @param metrics what a service measures
 */
@Validated
@ConfigurationProperties("millrace")
public record MillraceProperties(
    @Valid @DefaultValue Objects objects,
    @Valid @DefaultValue Kafka kafka,
    @Valid @DefaultValue Internal internal,
    @Valid @DefaultValue Engine engine,
    @Valid @DefaultValue Limits limits,
    @Valid @DefaultValue Timeouts timeouts,
    @DefaultValue("0s") Duration shutdownDelay,
    @Valid @DefaultValue Metrics metrics) {

  /**
   * The object store.
   *
   * @param kind what keeps the objects
   * @param root directory of the file store; made if it does not exist
   * @param s3 the bucket, if that is the kind
   */
  public record Objects(
      @DefaultValue("files") ObjectStoreKind kind,
      @DefaultValue("objects") Path root,
      @Valid @DefaultValue S3Settings s3) {}

  /**
   * The Kafka cluster.
   *
   * @param bootstrapServers {@code host:port}, separated by commas
   * @param topicPrefix put before every topic name and transactional id
   * @param replicationFactor of topics that the platform makes
   * @param minInsyncReplicas of topics that the platform makes
   * @param maxMessageSize largest record; the broker must allow as much
   * @param requireTransactionVersion refuse to start on a cluster whose {@code transaction.version}
   *     is below 2, where a transaction can be torn (KIP-890)
   * @param adminTimeout how long to wait for the cluster at the start
   * @param tls whether and how connections are encrypted
   * @param sasl how the brokers know who a service is
   */
  public record Kafka(
      @NotBlank @DefaultValue("localhost:9092") String bootstrapServers,
      @Pattern(regexp = "([a-zA-Z0-9._-]{0,64})") @DefaultValue("") String topicPrefix,
      @Min(1) @DefaultValue("1") short replicationFactor,
      @Min(1) @DefaultValue("1") short minInsyncReplicas,
      @DefaultValue("15MB") DataSize maxMessageSize,
      @DefaultValue("true") boolean requireTransactionVersion,
      @DefaultValue("30s") Duration adminTimeout,
      @DefaultValue KafkaTls tls,
      @DefaultValue KafkaSasl sasl) {}

  /**
   * How services know who may call them.
   *
   * @param secret key of its HMAC, the same in all services, at least 32 characters; without a
   *     default, so that no installation runs with a public one
   * @param tokenValidity how long the token is good for that the gateway adds to every call
   * @param metricsToken what a collector of metrics shows to a service as {@code Authorization:
   *     Bearer ...}, at least 32 characters; empty: metrics are there through the gateway only
   */
  public record Internal(
      @NotBlank(message = "millrace.internal.secret must be set to the same secret in all services")
          @Size(min = 32, message = "millrace.internal.secret must have at least 32 characters")
          @DefaultValue("")
          String secret,
      @DefaultValue("60s") Duration tokenValidity,
      @Pattern(
              regexp = "(\\S{32,})?",
              message =
                  "millrace.internal.metrics-token must have at least 32 characters and no space")
          @DefaultValue("")
          String metricsToken) {

    /** Without the secrets. */
    @Override
    public String toString() {
      return "Internal[secret=***, tokenValidity=" + tokenValidity + ", metricsToken=***]";
    }
  }

  /**
   * The tensor engine.
   *
   * @param device {@code auto}, {@code cpu} or {@code cuda:N}
   * @param threads of one operation; 0: as many as there are processors
   */
  public record Engine(
      @Pattern(regexp = "auto|cpu|cuda(:\\d{1,3})?") @DefaultValue("auto") String device,
      @Min(0) @Max(1024) @DefaultValue("0") int threads) {}

  /**
   * What a service measures.
   *
   * @param samplePeriod how often the database and the cluster are asked for what is in them
   */
  public record Metrics(@DefaultValue("10s") Duration samplePeriod) {}

  /**
   * What a caller may send.
   *
   * @param requestBody largest HTTP body and largest gRPC message
   * @param streamed whether bodies are passed on or worked on while they come, so that they need
   *     little memory; those that are read whole share half of the heap
   * @param paths limits of single paths, the first that matches counts
   */
  public record Limits(
      @DefaultValue("16MB") DataSize requestBody,
      @DefaultValue("false") boolean streamed,
      @DefaultValue List<@Valid PathLimit> paths) {}

  /**
   * How long a caller may take; whoever takes longer is cut off.
   *
   * @param head from the first byte of an HTTP request to the end of its headers
   * @param silence without a byte of a body, or of a gRPC message, that is waited for, and without
   *     one of an answer that can be taken
   * @param idle of an HTTP connection without a request
   * @param bodyRate bytes a second that a body must come with on average, once it has been waited
   *     for as long as {@code silence}
   */
  public record Timeouts(
      @DurationMin(millis = 10) @DefaultValue("20s") Duration head,
      @DurationMin(millis = 10) @DefaultValue("60s") Duration silence,
      @DurationMin(millis = 10) @DefaultValue("60s") Duration idle,
      @DefaultValue("512B") DataSize bodyRate) {}

  /**
   * The limit of some paths.
   *
   * @param path pattern, e.g. {@code /api/datasets/*}{@code /documents}
   * @param size largest HTTP body
   * @param streamed as in {@link Limits}
   */
  public record PathLimit(
      @NotBlank String path, DataSize size, @DefaultValue("false") boolean streamed) {}
}
