package org.sluice.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.sluice.tensor.GateActivation;
import org.sluice.tensor.GateCombine;
import org.sluice.tensor.GateFunction;
import org.sluice.tensor.Tensor;

/** Gates of the attention layer. */
public class Gates extends OperationBenchmark {
    /** Which gate. */
    @Param
    public Gate gate;

    private GateFunction function;
    private Tensor x;
    private Tensor logits;
    private Tensor out;
    private Tensor outGradient;
    private Tensor xGradient;
    private Tensor logitsGradient;

    /** A gate of the paper's Table 1. */
    public enum Gate {
        ELEMENTWISE(GateActivation.SIGMOID, GateCombine.MULTIPLICATIVE, false, false),
        HEADWISE(GateActivation.SIGMOID, GateCombine.MULTIPLICATIVE, false, true),
        HEAD_SHARED(GateActivation.SIGMOID, GateCombine.MULTIPLICATIVE, true, false),
        ADDITIVE_SILU(GateActivation.SILU, GateCombine.ADDITIVE, false, false);

        private final GateActivation activation;
        private final GateCombine combine;
        private final boolean headShared;
        private final boolean headwise;

        Gate(GateActivation activation, GateCombine combine, boolean headShared, boolean headwise) {
            this.activation = activation;
            this.combine = combine;
            this.headShared = headShared;
            this.headwise = headwise;
        }
    }

    @Override
    void prepare() {
        function = new GateFunction(gate.activation, gate.combine, gate.headShared);
        x = heads();
        logits = logits();
        out = heads();
        outGradient = heads();
        xGradient = heads();
        logitsGradient = logits();
    }

    private Tensor heads() {
        return numbers(BenchModel.BATCH, BenchModel.TIME, BenchModel.HEADS, BenchModel.HEAD_DIM);
    }

    private Tensor logits() {
        return gate.headwise ? numbers(BenchModel.BATCH, BenchModel.TIME, BenchModel.HEADS) : heads();
    }

    @Benchmark
    public void gate() {
        backend().gates().gate(function, x, logits, out);
    }

    @Benchmark
    public void gateBackward() {
        backend().gates().gateBackward(function, outGradient, x, logits, xGradient, logitsGradient);
    }
}
