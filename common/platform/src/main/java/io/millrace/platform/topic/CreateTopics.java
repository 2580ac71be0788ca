package io.millrace.platform.topic;

import io.millrace.contracts.Topics;
import io.millrace.platform.MillraceProperties;
import io.millrace.platform.error.MillraceException;
import io.millrace.platform.kafka.KafkaClients;
import io.millrace.platform.kafka.TopicSpec;
import io.millrace.platform.service.ProcessSetup;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/**
 * Makes the topics that services share, and leaves those alone that are there: for clusters on
 * which services may not make topics, and as a hook of the Helm chart. Reads {@code
 * millrace.kafka.*} as services do; ends with status 1 and one line that says why if it cannot.
 */
public final class CreateTopics {
  private static final Logger LOG = LoggerFactory.getLogger(CreateTopics.class);

  private CreateTopics() {}

  /** Settings come as arguments, as variables of the environment or from files, as always. */
  public static void main(String[] arguments) {
    ProcessSetup.apply();
    try {
      run(arguments);
    } catch (MillraceException e) {
      LOG.error("Cannot make the topics: {}", e.getMessage());
      System.exit(1);
    }
  }

  /**
   * Makes what is missing.
   *
   * @throws MillraceException if the cluster does not answer, or a topic is there with another
   *     number of partitions
   */
  static void run(String... arguments) {
    SpringApplication spring = new SpringApplication(Nothing.class);
    spring.setWebApplicationType(WebApplicationType.NONE);
    spring.setBannerMode(Banner.Mode.OFF);
    spring.setLogStartupInfo(false);
    spring.setDefaultProperties(
        Map.of("spring.application.name", "topics", "spring.config.name", "topics"));
    try (ConfigurableApplicationContext context = spring.run(arguments)) {
      MillraceProperties.Kafka settings =
          Binder.get(context.getEnvironment())
              .bindOrCreate("millrace.kafka", MillraceProperties.Kafka.class);
      try (KafkaClients kafka = new KafkaClients(settings)) {
        kafka.requireCluster();
        for (TopicSpec topic : SharedTopics.of(new Topics(settings.topicPrefix())).all()) {
          kafka.ensureTopic(topic);
          LOG.info("Topic {} is there", topic.name());
        }
      }
    }
  }

  /** No beans: settings are all that is wanted of Spring. */
  @Configuration(proxyBeanMethods = false)
  static class Nothing {}
}
