package io.millrace.data.prepare;

import io.millrace.data.DataProperties;
import io.millrace.data.document.DocumentReader;
import io.millrace.platform.event.EventCodec;
import io.millrace.platform.registry.DatasetEntry;
import java.io.IOException;
import org.springframework.stereotype.Component;

/** Makes what prepares the windows of a dataset. */
@Component
class ProcessorFactory {
  private final EventCodec codec;
  private final TransformFactory transforms;
  private final DocumentIdStore ids;
  private final DataProperties settings;

  ProcessorFactory(
      EventCodec codec, TransformFactory transforms, DocumentIdStore ids, DataProperties settings) {
    this.codec = codec;
    this.transforms = transforms;
    this.ids = ids;
    this.settings = settings;
  }

  /**
   * The processor of a dataset that is ready.
   *
   * @throws IOException if its tokenizer cannot be read
   */
  WindowProcessor<?> processor(DatasetEntry dataset) throws IOException {
    return processor(dataset, transforms.transform(dataset), ids.repeatedIds(dataset));
  }

  /** One for windows that were prepared before: it notes nothing. */
  WindowProcessor<?> again(DatasetEntry dataset) throws IOException {
    return processor(dataset, transforms.transform(dataset), ids.knownIds(dataset));
  }

  private WindowProcessor<?> processor(
      DatasetEntry dataset, WindowTransform<?> transform, RepeatedIds repeatedIds) {
    return new WindowProcessor<>(
        new DocumentReader(codec, dataset, settings.document().toBytes()),
        new HeldoutSplit(dataset.heldoutPercent()),
        transform,
        repeatedIds);
  }
}
