package org.sluice.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.sluice.model.DecoderConfig;
import org.sluice.model.GateConfig;
import org.sluice.model.Parameter;
import org.sluice.model.ParameterLayout;
import org.sluice.model.Presets;
import org.sluice.model.SluiceAttention;
import org.sluice.tensor.DType;

/** The programs in docs/dl4j.md are compiled as they stand there, and run. */
class DocumentationTest {
    private static final Pattern PROGRAM = Pattern.compile("```java\n(.*?public class (\\w+) .*?)```", Pattern.DOTALL);

    @TempDir
    Path temporary;

    private void run(String program, String... arguments) throws Exception {
        Matcher matcher = PROGRAM.matcher(Files.readString(Path.of("../../docs/dl4j.md")));
        while (matcher.find()) {
            if (matcher.group(2).equals(program)) {
                compile(program, matcher.group(1));
                try (URLClassLoader classes = new URLClassLoader(
                        new URL[] {temporary.toUri().toURL()}, getClass().getClassLoader())) {
                    classes.loadClass(program).getMethod("main", String[].class).invoke(null, (Object) arguments);
                }
                return;
            }
        }
        throw new AssertionError("docs/dl4j.md has no program " + program);
    }

    private void compile(String program, String source) throws IOException {
        Path file = Files.writeString(temporary.resolve(program + ".java"), source);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        // Surefire's own class path is a jar that names the true one, which stands in this property.
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            boolean compiled = compiler.getTask(
                            messages,
                            files,
                            null,
                            List.of("-classpath", classPath, "-d", temporary.toString(), "-proc:none"),
                            null,
                            files.getJavaFileObjects(file))
                    .call();
            assertThat(compiled).as(messages.toString()).isTrue();
        }
    }

    @Test
    void theNetworkTrainsAndIsSaved() throws Exception {
        File saved = temporary.resolve("network.zip").toFile();

        run("Train", saved.toString());

        MultiLayerNetwork network = MultiLayerNetwork.load(saved, true);
        INDArray features = Nd4j.randn(8, 16, 12);
        INDArray expected = features.mean(true, 1);
        assertThat(network.getIterationCount()).isEqualTo(30);
        assertThat(network.output(features).distance2(expected))
                .as("better than to say 0 always")
                .isLessThan(0.8 * expected.norm2Number().doubleValue());
    }

    @Test
    void theWeightsAreThoseOfTheCheckpoint() throws Exception {
        DecoderConfig model = Presets.TINY.withModifiers(GateConfig.SDPA_HEADWISE);
        double[] parameters = SluiceAttention.randomParameters(model, Networks.random());
        Path folder = temporary.resolve("round-00000001");
        WrittenCheckpoint.of(model, DType.FLOAT32, parameters, folder);
        File saved = temporary.resolve("network.zip").toFile();

        run("TakeWeights", folder.toString(), saved.toString());

        MultiLayerNetwork network = MultiLayerNetwork.load(saved, false);
        Parameter gate = ParameterLayout.of(model).named("model.layers.0.self_attn.gate_proj.weight");
        INDArray found = network.getParam("0_gateProj");
        assertThat(found.getFloat(0, 0)).isEqualTo((float) parameters[(int) gate.offset()]);
        assertThat(found.getFloat(found.rows() - 1, found.columns() - 1))
                .isEqualTo((float) parameters[(int) gate.end() - 1]);
    }
}
