package io.millrace.training.task.classification;

import io.millrace.contracts.data.v1.Sample;
import io.millrace.contracts.record.Samples;
import io.millrace.encoder.classify.ExampleBatch;
import io.millrace.encoder.classify.Inputs;
import io.millrace.encoder.encode.PictureBatch;
import io.millrace.encoder.encode.PictureEncoder;
import io.millrace.training.stream.RecordFormat;
import io.millrace.vision.picture.Picture;
import io.millrace.vision.view.Letterbox;
import io.millrace.vision.view.View;
import java.util.ArrayList;
import java.util.List;

/** Pictures of the encoder's size with the classes of whole pictures; boxes mean nothing here. */
final class PictureFormat implements RecordFormat<Sample, ExampleBatch> {

  private final View view;
  private final int classes;

  PictureFormat(PictureEncoder encoder, int classes) {
    this.view = new Letterbox(encoder.inputWidth(), encoder.inputHeight());
    this.classes = classes;
  }

  @Override
  public Sample parse(byte[] value) {
    Sample sample = Samples.parse(value);
    if (sample.hasClassIndex()) {
      Labels.require("document '" + sample.getDocumentId() + "'", sample.getClassIndex(), classes);
    }
    return sample;
  }

  @Override
  public long sequenceNumber(Sample sample) {
    return sample.getSequenceNumber();
  }

  @Override
  public String dataset(Sample sample) {
    return sample.getDataset();
  }

  /** Scales the pictures: by the thread that reads ahead, so that the trainer need not wait. */
  @Override
  public ExampleBatch assemble(List<Sample> samples) {
    List<Picture> pictures = new ArrayList<>(samples.size());
    long[] labels = new long[samples.size()];
    for (Sample sample : samples) {
      labels[pictures.size()] = sample.hasClassIndex() ? sample.getClassIndex() : ExampleBatch.NONE;
      Picture stored = new Picture(sample.getWidth(), sample.getHeight(), Samples.rgb(sample));
      pictures.add(view.show(stored).picture());
    }
    return new ExampleBatch(new Inputs.Documents(PictureBatch.of(pictures)), labels);
  }
}
