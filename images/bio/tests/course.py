"""What pupils of a biology course import, and the genome that comes with the image."""

from pathlib import Path

LAMBDA = Path("/opt/data/lambda")


def test_the_genome_is_complete():
    from Bio import SeqIO

    genome = SeqIO.read(LAMBDA / "lambda_virus.fa", "fasta")
    assert len(genome) == 48502
    assert set(genome.seq) == set("ACGT")


def test_the_reads_open():
    from Bio import SeqIO

    assert sum(1 for _ in SeqIO.parse(LAMBDA / "reads.fq", "fastq")) == 2000


def test_the_source_is_told():
    assert "NC_001416.1" in (LAMBDA / "README.md").read_text(encoding="utf-8")
    assert "License" in (LAMBDA / "COPYRIGHT").read_text(encoding="utf-8")


def test_a_logo_is_drawn():
    import matplotlib as mpl

    mpl.use("agg")
    import logomaker

    counts = logomaker.alignment_to_matrix(["ATGC", "ATGA", "TTGC"])
    assert logomaker.Logo(counts).ax
