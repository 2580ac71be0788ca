package io.millrace.data.prepare;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.platform.trace.Traces;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Who is told how a preparation gets on. */
@Configuration(proxyBeanMethods = false)
class PreparationConfiguration {

  @Bean
  PreparationObserver preparationTelemetry(MeterRegistry meters, Traces traces) {
    return new PreparationTelemetry(meters, traces);
  }

  /** Tests put their faults here. */
  @Bean
  @ConditionalOnMissingBean
  PreparationStep.Listener preparationSteps() {
    return PreparationStep.Listener.NONE;
  }
}
