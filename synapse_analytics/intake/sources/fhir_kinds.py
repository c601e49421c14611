"""Kinds of FHIR R4 resources that exports hold and that are only counted. A name that is none of these is not repeated: it may be anything."""

from __future__ import annotations

OTHER_KINDS = "resources of another kind"
_COUNTED = (
    "Account AllergyIntolerance Appointment Basic Binary CarePlan CareTeam ChargeItem Claim ClaimResponse ClinicalImpression CodeSystem"
    " Communication CommunicationRequest Composition ConceptMap Consent Contract Coverage DetectedIssue Device DeviceRequest"
    " DeviceUseStatement DocumentReference EpisodeOfCare ExplanationOfBenefit FamilyMemberHistory Flag Goal Group HealthcareService"
    " ImagingStudy Immunization Invoice List Location Media Medication MedicationAdministration MedicationDispense MessageHeader"
    " NutritionOrder OperationOutcome Organization Parameters Person Practitioner PractitionerRole Provenance Questionnaire RelatedPerson"
    " ResearchStudy ResearchSubject RiskAssessment Schedule Slot Specimen StructureDefinition SupplyDelivery SupplyRequest Task ValueSet"
    " VisionPrescription"
)
COUNTED_KINDS = frozenset(_COUNTED.split())
