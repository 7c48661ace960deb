"""
SLO files to alert rules that can be trusted.

    compilation = slogen.compile({"slos/checkout.yaml": text})
    for artifact in compilation.artifacts:
        print(artifact.path, artifact.text)
"""

from slogen.backends._backend import Artifact
from slogen.compiler import Compilation, compile
from slogen.diagnostics import CompileError, Diagnostic, Position
from slogen.model import Slo

__all__ = ["Artifact", "Compilation", "CompileError", "Diagnostic", "Position", "Slo", "compile"]
