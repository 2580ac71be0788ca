package io.millrace.platform.metric;

import io.micrometer.core.instrument.binder.MeterBinder;
import io.millrace.platform.MillraceProperties;
import java.nio.file.Path;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Metrics that every process has, and the thread that asks for those that must be asked for. */
@Configuration(proxyBeanMethods = false)
public class MetricConfiguration {

  @Bean
  MeterBinder residentMemory() {
    ResidentMemory memory = new ResidentMemory(Path.of("/proc/self/status"));
    return meters -> ServiceMetric.RESIDENT_MEMORY.gauge(meters, memory, ResidentMemory::bytes);
  }

  @Bean
  MetricSampler metricSampler(ObjectProvider<Sampled> sampled, MillraceProperties properties) {
    return new MetricSampler(sampled.orderedStream().toList(), properties.metrics().samplePeriod());
  }
}
